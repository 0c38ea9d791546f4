# Completion of kzreminder for fish.
function __kzreminder_complete
    set -l words (commandline -opc)
    set -lx KZREMINDER_TYPED (string join \x1f -- $words (commandline -ct))
    set -lx _KZREMINDER_COMPLETE fish_complete
    set -l answer (command $words[1] 2>/dev/null)
    if test "$answer[1]" = file
        __fish_complete_path (commandline -ct)
    else
        string match -v '' -- $answer[2..]
    end
end
complete --command kzreminder --no-files --arguments '(__kzreminder_complete)'
