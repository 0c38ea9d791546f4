#compdef kzreminder
# Completion of kzreminder for zsh.
_kzreminder() {
    local kind line value typed
    local -a values shown
    typed="${(pj:\x1f:)${(@Q)words[1,CURRENT-1]}}"$'\x1f'"${(Q)PREFIX}"
    {
        IFS= read -r kind
        while IFS= read -r line; do
            value=${line%%$'\t'*}
            [[ -n $value ]] || continue
            values+=("$value")
            line=${line#*$'\t'}
            shown+=("$value${line:+  -- $line}")
        done
    } < <(KZREMINDER_TYPED="$typed" _KZREMINDER_COMPLETE=zsh_complete \
        command ${(Q)words[1]} 2>/dev/null)
    if [[ $kind == file ]]; then
        _files
    elif (( $#values )); then
        compadd -U -l -V kzreminder -d shown -a values
    fi
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _kzreminder "$@"
else
    compdef _kzreminder kzreminder
fi
