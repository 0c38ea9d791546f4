# Completion of kzreminder for bash, 4.4 or newer. What kzreminder answers is quoted already.
_kzreminder() {
    local program=kzreminder line
    [[ $1 == */* ]] && program=${1/#\~\//$HOME/}
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
            plain,*) COMPREPLY+=("${line#plain,}") ;;
            file,*) compopt -o default ;;
            dir,*) compopt -o dirnames ;;
        esac
    done < <(COMP_LINE="${COMP_LINE:0:COMP_POINT}" COMP_WORDBREAKS="$COMP_WORDBREAKS" \
        _KZREMINDER_COMPLETE=bash_complete command "$program" 2>/dev/null)
}
complete -o nosort -F _kzreminder kzreminder
