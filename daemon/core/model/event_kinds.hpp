#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace replmond {

/// What an event is about: the sections of docs/events.md, in their order.
enum class event_section { tasks, lag, polls, instances, projects, daemon, commands };

/// A key of log lines, besides those that every line has.
struct event_key {
    std::string_view name;
    std::string_view form; ///< what its value looks like
    std::string_view meaning;
};

/// One event that replmond can log. docs/events.md is generated from the tables of kinds and keys.
struct event_kind {
    std::string_view name; ///< the word after event=
    event_section section;
    bool is_stored;            ///< in the state file; `replmond events` prints what is stored
    std::string_view levels;   ///< its level, or several with what decides
    std::string_view when;     ///< a sentence
    std::string_view keys;     ///< that its line always has, separated by commas
    std::string_view may_have; ///< that its line has where the value is known or applies, likewise
};

inline constexpr auto event_keys = std::to_array<event_key>({
    {"from", "word", "the stage before; of a catch-up: left out where it begins"},
    {"to", "word", "the stage now; of a catch-up: left out where it ended"},
    {"stage", "word", "`wait`, `full`, `incremental`, `paused`, `cancelled` or `unknown`"},
    {"raw", "text", "the stage as the cloud sent it, where it is `unknown`"},
    {"status", "word", "`yes` (normal) or `no` (abnormal)"},
    {"main_task", "true or false", "whether it is a main task; a temporary one merges into its main task"},
    {"percentage", "number", "progress of the stage, 0 to 100"},
    {"source_database", "text", "the database in TaurusDB"},
    {"target_database", "text", "the database in StarRocks"},
    {"from_source_database", "text", "the database in TaurusDB before"},
    {"from_target_database", "text", "the database in StarRocks before"},
    {"after", "seconds", "how long the state lasted that ended now"},
    {"since", "time", "when the state began"},
    {"repeat", "number", "0 at first; then counts the repetitions, one every `alerts.repeat_interval`"},
    {"reason", "text", "the cloud's error text"},
    {"lag", "seconds", "how far StarRocks is behind TaurusDB"},
    {"alert_above", "seconds", "the limit `lag.alert_above`"},
    {"table", "text", "the heartbeat table; left out where it is about the whole database"},
    {"result", "word",
     "why it failed, as in the label `result` of `replmond_polls_total` or of `replmond_lag_reads_total`"},
    {"http_status", "number", "the HTTP status of the answer"},
    {"error_code", "text", "the cloud's error code"},
    {"error_msg", "text", "what went wrong"},
    {"request_id", "text", "the cloud's id of the request, for its support"},
    {"attempts", "number", "how many requests were sent before the poll gave up"},
    {"failures", "number", "how many times it failed"},
    {"field", "word", "the API field"},
    {"value", "text", "the value as the cloud sent it"},
    {"text", "text", "the note of the list (`ext_text`), at most 256 characters"},
    {"instance_id", "text", "the id of the StarRocks instance"},
    {"old_name", "text", "the name of the instance before"},
    {"planned", "number", "requests that polls need in a window of `rate_limit`"},
    {"limit", "number", "requests that `rate_limit` allows in a window"},
    {"window", "seconds", "the window of `rate_limit`"},
    {"instances", "number", "of the project, or of the configuration"},
    {"stretch", "number", "the factor by which intervals are longer than configured"},
    {"credential", "text", "which credential; of a key only the last four characters are shown"},
    {"expires", "time", "when the credential expires"},
    {"other_project", "text", "the other entry under `projects`"},
    {"project_id", "text", "the id of the project"},
    {"operation", "word",
     "what was asked for, as in the label `operation` of `replmond_api_requests_total`, or the command"},
    {"duration", "seconds", "how long the request took"},
    {"attempt", "number", "1 for the first request, 2 for the first retry"},
    {"version", "text", "of replmond"},
    {"addresses", "text", "where it listens, separated by commas"},
    {"signal", "word", "the signal that ends it"},
    {"file", "text", "the file that was read"},
    {"error", "text", "what is wrong"},
    {"projects", "number", "projects in the configuration"},
    {"added", "number", "instances that are polled from now on"},
    {"changed", "number", "instances with new settings"},
    {"removed", "number", "instances that are no longer polled"},
    {"reconnected", "number", "projects whose connection settings or credential changed"},
    {"overdue", "number", "polls that make no progress"},
    {"listeners", "number", "addresses on which connections are accepted"},
    {"first", "text", "an instance whose poll hangs"},
    {"handler", "text", "the page, as in the label `handler` of `replmond_http_requests_total`"},
    {"path", "text", "the state file"},
    {"set_aside_as", "text", "the new name of the old file"},
    {"events_not_stored", "number", "events that were lost meanwhile"},
    {"lines", "number", "lines that were lost"},
    {"events", "number", "events that were stored but not printed"},
});

inline constexpr auto event_kinds = std::to_array<event_kind>({
    {"stage_transition", event_section::tasks, true, "INFO", "The stage of a task changed.", "from,to,after",
     "raw,percentage,source_database,target_database"},
    {"catchup_stage_transition", event_section::tasks, true, "INFO",
     "The catch-up of a task began, changed its stage or ended.", "", "from,to,raw,percentage"},
    {"replication_abnormal", event_section::tasks, true, "ERROR",
     "The status of a task became abnormal, also at first sight. It is repeated every "
     "`alerts.repeat_interval` while it stays so.",
     "stage,since,repeat", "raw,percentage,reason"},
    {"replication_reason", event_section::tasks, true, "ERROR",
     "The cloud's error text for a task arrived or changed. `replication_abnormal` does not wait for it.",
     "reason", ""},
    {"replication_recovered", event_section::tasks, true, "INFO",
     "The cloud reports the task as normal again.", "after", ""},
    {"repair_needed", event_section::tasks, true, "WARN", "Tables of a task need repair.", "", "reason"},
    {"repair_done", event_section::tasks, true, "INFO", "Tables of a task no longer need repair.", "",
     "reason"},
    {"task_discovered", event_section::tasks, true, "INFO",
     "The list has a task that replmond does not know.", "stage", "raw,status,main_task"},
    {"task_gone", event_section::tasks, true, "WARN for a main task, INFO for a temporary one",
     "Two complete lists in a row lack a task.", "stage", "raw,status,main_task"},
    {"task_replaced", event_section::tasks, true, "WARN for a main task, INFO for a temporary one",
     "A task has other databases under the same name: it was rebuilt.", "",
     "source_database,target_database,from_source_database,from_target_database,after"},

    {"lag_exceeded", event_section::lag, true, "WARN",
     "The lag of a task is above `lag.alert_above`. It is repeated every `alerts.repeat_interval` while it "
     "stays so.",
     "lag,alert_above", ""},
    {"lag_recovered", event_section::lag, true, "INFO", "The lag of the task is no longer above the limit.",
     "lag,alert_above,after", ""},
    {"lag_failed", event_section::lag, true, "WARN",
     "A heartbeat cannot be read or written. It is logged once for a database or table while it goes on.",
     "result,error_msg", "table"},
    {"lag_read_again", event_section::lag, true, "INFO", "The heartbeat can be read or written again.",
     "result,after", "table"},

    {"poll_failed", event_section::polls, true, "WARN",
     "A poll of an instance failed. While the same result goes on, it is repeated every "
     "`alerts.repeat_interval`.",
     "result,attempts", "http_status,error_code,error_msg,request_id"},
    {"poll_recovered", event_section::polls, true, "INFO", "A poll of the instance succeeded again.",
     "after,failures", ""},
    {"unexpected_value", event_section::polls, true, "WARN",
     "The cloud sent a value that replmond does not understand. It is logged once for each task and value.",
     "field,value", ""},
    {"instance_note", event_section::polls, true, "INFO",
     "The note that the cloud sends with a list appeared, changed or ended. It has no `text` where it ended.",
     "", "text"},
    {"reason_failed", event_section::polls, false, "WARN",
     "The error text of a task cannot be read. While the same result goes on, it is repeated every "
     "`alerts.repeat_interval`.",
     "result", "http_status,error_code,error_msg,request_id"},
    {"reason_recovered", event_section::polls, false, "INFO",
     "The error texts of the project's tasks can be read again.", "after,failures", ""},
    {"request", event_section::polls, false, "DEBUG",
     "A request to the cloud ended. It needs `--log.level=debug`.", "operation,duration,attempt",
     "instance_id,http_status,request_id,error_msg"},
    {"internal_error", event_section::polls, false, "ERROR",
     "An error in replmond itself ended the requests for error texts. Please report it.", "error_msg", ""},

    {"instance_discovered", event_section::instances, true, "INFO", "Discovery found a StarRocks instance.",
     "instance_id", ""},
    {"instance_gone", event_section::instances, true, "INFO",
     "Two complete listings in a row lack a discovered instance.", "instance_id", ""},
    {"instance_renamed", event_section::instances, true, "INFO", "A discovered instance has a new name.",
     "instance_id,old_name", ""},
    {"discovery_failed", event_section::instances, false, "WARN",
     "The instances of a project cannot be listed. While the same result goes on, it is repeated every "
     "`alerts.repeat_interval`.",
     "result", "http_status,error_code,error_msg,request_id"},
    {"discovery_recovered", event_section::instances, false, "INFO",
     "The instances of the project can be listed again.", "after,failures", ""},

    {"credential_refused", event_section::projects, false, "ERROR",
     "The cloud refused a credential, or replmond cannot read it.", "",
     "credential,error_code,error_msg,request_id"},
    {"credential_accepted", event_section::projects, false, "INFO", "The cloud accepts the credential again.",
     "credential", ""},
    {"credential_expired", event_section::projects, false, "WARN",
     "A new credential has already expired by the clock of this host.", "credential,expires", ""},
    {"intervals_stretched", event_section::projects, false, "WARN at first, INFO when it changes or ends",
     "Polls do not fit `rate_limit`, so replmond lengthens their intervals; or they fit again.",
     "planned,limit,window,instances,stretch", ""},
    {"same_project", event_section::projects, false, "WARN",
     "Two entries under `projects` turned out to be one project of the cloud.", "other_project,project_id",
     ""},

    {"started", event_section::daemon, false, "INFO", "replmond is running.", "version,addresses,instances",
     ""},
    {"stopping", event_section::daemon, false, "INFO", "A signal ends replmond.",
     "version,addresses,instances,signal", ""},
    {"config_loaded", event_section::daemon, false, "INFO",
     "replmond loaded the configuration, or the web configuration. The latter has only `file`.", "file",
     "projects,instances,added,changed,removed,reconnected"},
    {"config_reload_failed", event_section::daemon, false, "ERROR",
     "replmond refused a new configuration. The old one stays in force.", "file,error", ""},
    {"config_warning", event_section::daemon, false, "WARN",
     "The configuration is valid, but something in it is probably not meant.", "", ""},
    {"http_failed", event_section::daemon, false, "ERROR",
     "An error in replmond itself ended a request to its web server. At most one line a minute for each "
     "handler.",
     "handler,error_msg,failures", ""},
    {"watchdog_withheld", event_section::daemon, false, "ERROR",
     "A poll or a listener hangs, so replmond no longer feeds the watchdog of systemd.", "overdue,listeners",
     "first"},
    {"watchdog_fed", event_section::daemon, false, "INFO", "All polls and listeners work again.",
     "overdue,listeners", ""},
    {"state_write_failed", event_section::daemon, false, "ERROR",
     "replmond cannot write the state file. It is repeated once an hour while it goes on.", "error,failures",
     ""},
    {"state_write_recovered", event_section::daemon, false, "INFO", "replmond writes the state file again.",
     "after,failures", "events_not_stored"},
    {"state_set_aside", event_section::daemon, false, "ERROR",
     "The state file was damaged, removed or replaced, so replmond began a new one.", "path,error",
     "set_aside_as"},
    {"lines_dropped", event_section::daemon, false, "ERROR",
     "replmond dropped lines, because nothing read its stdout.", "lines,events", ""},

    {"change_deferred", event_section::commands, false, "WARN",
     "The cloud did nothing for `task create`, `pause`, `resume` or `delete` yet, and the command tries "
     "again.",
     "operation,error", ""},
    {"change_unanswered", event_section::commands, false, "WARN",
     "The answer to the request of a command did not arrive, so it looks into the list.", "operation,error",
     ""},
    {"reading_failed", event_section::commands, false, "WARN",
     "A reading of the list failed while a command follows a task.", "error", ""},
});

/// The name of an event of the table. Any other literal does not compile.
class event_name {
public:
    // Implicit, so that callers write the word alone.
    consteval event_name(const char* literal) : text_(literal) { // NOLINT(google-explicit-constructor)
        if (std::none_of(event_kinds.begin(), event_kinds.end(),
                         [&](const event_kind& kind) { return kind.name == text_; }))
            throw "daemon/core/model/event_kinds.hpp has no row for this event";
    }

    constexpr std::string_view text() const { return text_; }

private:
    std::string_view text_;
};

} // namespace replmond
