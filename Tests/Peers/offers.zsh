# What zsh offers behind a line, one a line: offers.zsh FOLDER-OF-COMPLETIONS LINE
#
# A shell at a terminal of its own completes as it does for a person. What is handed to `compadd`, which all
# completions end in, is printed.
zmodload zsh/zpty || exit 1
zpty shell zsh -f -i
line='' answer=''
{
    zpty -w shell "PROMPT= RPROMPT= fpath=(${(q)1} \$fpath); autoload -Uz compinit; compinit -u -D"
    zpty -w shell 'zstyle ":completion:*" verbose no; bindkey "^I" complete-word; LISTMAX=0'
    zpty -w shell 'compadd() {
        if [[ ${@[1,(i)(-|--)]} != *-[OAD]* ]]; then
            local -a offered
            builtin compadd -A offered "$@"
            (( $#offered )) && print -rl -- "OFFER "$^offered
        fi
        builtin compadd "$@"
    }'
    zpty -w shell 'compprefuncs=(begin-offers); begin-offers() { print; print BEGIN }'
    zpty -w shell 'comppostfuncs=(end-offers); end-offers() { print; print END; exit }'
    # Only now does it read the next line: what comes before is taken as typed ahead.
    zpty -w shell 'print READ''Y'
    zpty -r -m shell answer '*READY*'
    zpty -w -n shell "$2"$'\t'
    zpty -r -m shell answer '*BEGIN*END*'
} always {
    zpty -d shell
}
for line in ${(f)answer}; do
    if [[ $line == *OFFER\ * ]]; then print -r -- "${${line##*OFFER }%$'\r'}"; fi
done
