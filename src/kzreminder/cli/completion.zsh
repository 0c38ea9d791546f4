#compdef kzreminder
# Completion of kzreminder for zsh.
_kzreminder() {
    local kind value about typed
    local -a values shown
    typed="${(pj:\x1f:)${(@Q)words[1,CURRENT-1]}}"$'\x1f'"${(Q)PREFIX}"
    while IFS= read -r kind && IFS= read -r value && IFS= read -r about; do
        case $kind in
            file) _files ;;
            dir) _files -/ ;;
            plain)
                [[ $about == _ ]] && about=
                [[ -n $about ]] && value=${value//\\:/:}
                values+=("$value")
                shown+=("$value${about:+  -- $about}") ;;
        esac
    done < <(KZREMINDER_TYPED="$typed" _KZREMINDER_COMPLETE=zsh_complete \
        command ${(Q)words[1]} 2>/dev/null)
    (( $#values )) && compadd -U -l -V kzreminder -d shown -a values
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _kzreminder "$@"
else
    compdef _kzreminder kzreminder
fi
