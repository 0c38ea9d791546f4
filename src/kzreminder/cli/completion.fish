# Completion of kzreminder for fish.
function __kzreminder_complete
    set -l words (commandline -opc)
    set -lx KZREMINDER_TYPED (string join \x1f -- $words (commandline -ct))
    set -lx _KZREMINDER_COMPLETE fish_complete
    for line in (command $words[1] 2>/dev/null)
        switch $line
            case 'plain,*'
                string replace plain, '' -- $line
            case 'file,*'
                __fish_complete_path (commandline -ct)
            case 'dir,*'
                __fish_complete_directories (commandline -ct)
        end
    end
end
complete --command kzreminder --no-files --arguments '(__kzreminder_complete)'
