# fish completion for replmond(1)

# Names that the API of a running daemon lists: $argv[1] is tasks or instances, $argv[2] the key of the name. Nothing
# where no daemon answers at once. Names with a quote or a backslash are left out.
function __replmond_names
    set -l url http://localhost:10930
    set -q REPLMOND_URL; and set url $REPLMOND_URL
    set -l parameters
    set -l instance (commandline -opc | string match -r -- '^--instance=(.+)$')[2]
    if test $argv[1] = tasks; and test -n "$instance"
        set parameters --data-urlencode "instance=$instance"
    end
    curl -fsS --noproxy '*' --connect-timeout 0.3 --max-time 1 --get --data limit=1000 $parameters \
        $url/api/v1/$argv[1] 2>/dev/null | string match -ra -- "\"$argv[2]\":\"([^\"\\\\]*)\"" |
        string match -v -- '"*' | sort -u
end

# True if the words so far are this command, and no word of it follows.
function __replmond_in
    set -l words (commandline -opc | string match -v -- '-*')[2..]
    test "$words" = "$argv"
end

set -l c complete -c replmond
$c -f
$c -s h -l help -d 'Print the help'
$c -l config.file -r -F -d 'The configuration'
$c -l log.level -x -a 'debug info warn error' -d 'Lowest level that is logged'
$c -l log.format -x -a 'logfmt json' -d 'Format of log lines'

for at in '__replmond_in' '__replmond_in help'
    $c -n "$at" -a run -d 'Run the daemon'
    $c -n "$at" -a task -d 'Show and control synchronization tasks'
    $c -n "$at" -a events -d 'Print the stored events'
    $c -n "$at" -a doctor -d 'Prove a live account step by step'
    $c -n "$at" -a check-config -d 'Check a configuration'
    $c -n "$at" -a help -d 'Print the help of a command'
    $c -n "$at" -a version -d 'Print the version'
end
for at in '__replmond_in task' '__replmond_in help task'
    $c -n "$at" -a list -d 'Poll once and print the tasks, worst first'
    $c -n "$at" -a show -d 'Print everything that is known of one task'
    $c -n "$at" -a create -d 'Start a task'
    $c -n "$at" -a pause -d 'Pause a task'
    $c -n "$at" -a resume -d 'Resume a paused task'
    $c -n "$at" -a delete -d 'Delete a task'
end

for at in '__replmond_in' '__replmond_in run'
    $c -n "$at" -l version -d 'Print the version'
    $c -n "$at" -l web.listen-address -x -d '[HOST]:PORT to listen on'
    $c -n "$at" -l web.telemetry-path -x -d 'Where metrics are served'
    $c -n "$at" -l web.enable-lifecycle -d 'Allow POST /-/reload'
    $c -n "$at" -l web.external-url -x -d 'URL at which people reach replmond'
    $c -n "$at" -l web.grafana-url -x -d 'URL of the Grafana that has the boards'
    $c -n "$at" -l web.allowed-hosts -x -d 'A host name that pages and API answer to'
    $c -n "$at" -l shard -x -d 'Watch only a part of the instances'
    $c -n "$at" -l config.enable-auto-reload -d 'Reload when a file has changed'
end
for at in '__replmond_in' '__replmond_in run' '__replmond_in events'
    $c -n "$at" -l state.path -r -F -d 'State file'
end
for at in '__replmond_in' '__replmond_in run' '__replmond_in check-config'
    $c -n "$at" -l web.config.file -r -F -d 'File with TLS, passwords and headers of the web server'
end

set -l at '__replmond_in check-config'
$c -n "$at" -F
$c -n "$at" -l online -d 'Also check each credential'
$c -n "$at" -l strict -d 'Exit with 1 for warnings too'

set at '__replmond_in doctor'
$c -n "$at" -l project -x -d 'Only this project'
$c -n "$at" -l output -x -a 'text json' -d 'Form of what is printed'
$c -n "$at" -l report -r -F -d 'Also write this file for strangers'

set at '__replmond_in events'
$c -n "$at" -l since -x -d 'No events before'
$c -n "$at" -l task -x -a '(__replmond_names tasks task)' -d 'Only of this task'
$c -n "$at" -l level -x -a 'debug info warn error' -d 'This level or a higher one'
$c -n "$at" -l event -x -d 'Only events of this name' -a 'stage_transition catchup_stage_transition replication_abnormal replication_reason replication_recovered repair_needed repair_done task_discovered task_gone task_replaced lag_exceeded lag_recovered lag_failed lag_read_again poll_failed poll_recovered unexpected_value instance_discovered instance_gone instance_renamed instance_note'
$c -n "$at" -l limit -x -d 'At most this many'
$c -n "$at" -l follow -d 'Also print new events'
$c -n "$at" -l output -x -a 'logfmt json' -d 'Format of the lines'

for at in '__replmond_in doctor' '__replmond_in events' '__replmond_in task list' '__replmond_in task show' '__replmond_in task create' \
        '__replmond_in task pause' '__replmond_in task resume' '__replmond_in task delete'
    $c -n "$at" -l instance -x -a '(__replmond_names instances starrocks_instance)' -d 'StarRocks instance'
end
for at in '__replmond_in task list' '__replmond_in task show' '__replmond_in task create' '__replmond_in task pause' \
        '__replmond_in task resume' '__replmond_in task delete'
    $c -n "$at" -l output -x -a 'table json' -d 'Format of what is printed'
end
for at in '__replmond_in task show' '__replmond_in task pause' '__replmond_in task resume' '__replmond_in task delete'
    $c -n "$at" -l task-name -x -a '(__replmond_names tasks task)' -d 'The task'
end
for at in '__replmond_in task create' '__replmond_in task pause' '__replmond_in task resume' '__replmond_in task delete'
    $c -n "$at" -l follow -d 'Read the list until the task is where it should be'
    $c -n "$at" -l timeout -x -d 'Longest time to follow the task'
    $c -n "$at" -l poll-interval -x -d 'Time between two readings'
end

set at '__replmond_in task list'
$c -n "$at" -l status -x -a 'normal abnormal unknown' -d 'Only of this status'
$c -n "$at" -l stage -x -a 'wait full incremental paused cancelled unknown' -d 'Only in this stage'
$c -n "$at" -l sort -x -a 'worst name instance' -d 'Order of the rows'
$c -n "$at" -l wide -d 'All columns in full length'

set at '__replmond_in task create'
$c -n "$at" -l source-instance-id -x -d 'Id of the TaurusDB instance'
$c -n "$at" -l source-database -x -d 'Database to copy from'
$c -n "$at" -l target-database -x -d 'Database to copy to'
$c -n "$at" -l task-name -x -d "The task's name"
$c -n "$at" -l source-node-id -x -d 'TaurusDB node to read from'

$c -n '__replmond_in task delete' -l yes -d 'Confirm the deletion'
