// The allow-lists of doctor's report. Names and words come from API.md (sections 1, 3 and 7) and from what
// the decoders of core/cloud accept.

#include "daemon/core/doctor/known_names.hpp"

#include "daemon/core/cloud/config_review.hpp"
#include "daemon/core/model/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace replmond::doctor {

namespace {

// True if `word` is one of the words in `list`, which are separated by blanks.
bool is_among(std::string_view list, std::string_view word) {
    if (word.empty() || word.find(' ') != std::string_view::npos)
        return false;
    for (std::size_t at = list.find(word); at != std::string_view::npos; at = list.find(word, at + 1)) {
        const std::size_t end = at + word.size();
        if ((at == 0 || list[at - 1] == ' ') && (end == list.size() || list[end] == ' '))
            return true;
    }
    return false;
}

constexpr std::string_view list_body = "total_count replications ext_text";
constexpr std::string_view list_record = "task_name source_database target_database status stage percentage "
                                         "catchup_stage catchup_percentage is_need_repair is_main_task";

constexpr std::string_view configuration_expected =
    "source_instance_id source_node_id database_info table_infos target_database_name is_tables_change "
    "last_error_of_alter_table error_msg";
constexpr std::string_view configuration_more =
    "database_info.database_name database_info.databaseName database_info.db_config_check_results "
    "database_info.dbCfgCheckResults database_info.db_config_check_results[].param_name "
    "database_info.db_config_check_results[].value database_info.db_config_check_results[].check_result "
    "database_info.dbCfgCheckResults[].paramName database_info.dbCfgCheckResults[].value "
    "database_info.dbCfgCheckResults[].checkResult table_infos[].table_name table_infos[].table_config "
    "table_infos[].check_result table_repl_config table_repl_config.repl_type table_repl_config.repl_scope "
    "table_repl_config.tables new_table_repl_config new_table_repl_config.repl_type "
    "new_table_repl_config.repl_scope new_table_repl_config.tables is_instance_level_sync "
    "database_repl_scope is_support_reg_exp";

constexpr std::string_view instances_body = "total_count instances";
constexpr std::string_view instances_expected = "id name status";
constexpr std::string_view instances_more =
    "type region datastore datastore.type datastore.version enterprise_project_id tags port mode "
    "private_ips public_ips db_user_name vpc_id subnet_id security_group_id created updated flavor_ref "
    "volume volume.type volume.size backup_strategy charge_info time_zone";

constexpr std::string_view htap_body = "total instances max_htap_instance_num_of_taurus";
constexpr std::string_view htap_expected =
    "id name engine_name instance_state instance_state.instance_status data_vip port readable_node_infos";
constexpr std::string_view htap_more =
    "engine_version project_id instance_state.create_fail_error_code instance_state.fail_message "
    "instance_state.wait_restart_for_params create_at is_frozen ha_mode pay_model node_num "
    "readable_node_infos[].data_ip readable_node_infos[].node_id readable_node_infos[].node_name "
    "available_zones available_zones[].code available_zones[].description available_zones[].az_type "
    "current_actions current_actions[].id current_actions[].action current_actions[].object_id "
    "current_actions[].type current_actions[].job_id current_actions[].status current_actions[].created_at "
    "current_actions[].updated_at volume_type enterprise_project_id network network.vpc_id "
    "network.sub_net_id network.security_group_id ch_master_node_id";

constexpr std::string_view error_fields =
    "error_code error_msg errorCode errorMsg code message request_id encoded_authorization_message "
    "error_message error error.code error.message error.title error.error_code error.error_msg details "
    "details[].code details[].message details[].error_code details[].error_msg";

// In lower case.
constexpr std::string_view stages = "wait full incremental paused cancelled none null -";
constexpr std::string_view statuses = "yes no";
constexpr std::string_view booleans = "true false yes no none null -";
constexpr std::string_view engines = "star-rocks starrocks star_rocks click-house clickhouse click_house";
constexpr std::string_view states = "active available normal abnormal creating createfail build failed "
                                    "frozen error shutdown rebooting backing_up";
constexpr std::string_view results = "success fail failed";

std::string_view words_of_list(std::string_view path) {
    if (path == "stage" || path == "catchup_stage")
        return stages;
    if (path == "status")
        return statuses;
    if (path == "source_database" || path == "target_database")
        return "all";
    return path == "task_name" || path == "ext_text" ? "" : booleans;
}

std::string_view words_of_field(call of, part in, std::string_view path) {
    if (in == part::error)
        return "";
    if (of == call::list && in == part::record)
        return words_of_list(path);
    if (path == "engine_name")
        return engines;
    if (path == "status" || path == "instance_state.instance_status")
        return states;
    if (path.ends_with("check_result") || path.ends_with("checkResult"))
        return results;
    if (path.ends_with("repl_scope"))
        return "all part";
    return path.starts_with("is_") || path == "total_count" || path == "total" ? booleans : "";
}

using header_name = std::pair<std::string_view, bool>; // true: about rates
constexpr auto headers = std::to_array<header_name>({{"Connection", false},
                                                     {"Content-Encoding", false},
                                                     {"Content-Language", false},
                                                     {"Content-Length", false},
                                                     {"Content-Type", false},
                                                     {"Date", false},
                                                     {"Location", false},
                                                     {"RateLimit", true},
                                                     {"RateLimit-Limit", true},
                                                     {"RateLimit-Policy", true},
                                                     {"RateLimit-Remaining", true},
                                                     {"RateLimit-Reset", true},
                                                     {"Retry-After", false},
                                                     {"Server", false},
                                                     {"Transfer-Encoding", false},
                                                     {"Www-Authenticate", false},
                                                     {"X-Apig-RateLimit-Api", true},
                                                     {"X-Apig-RateLimit-App", true},
                                                     {"X-Apig-RateLimit-Ip", true},
                                                     {"X-Apig-RateLimit-User", true},
                                                     {"X-Iam-Trace-Id", false},
                                                     {"X-RateLimit-Limit", true},
                                                     {"X-RateLimit-Remaining", true},
                                                     {"X-RateLimit-Reset", true},
                                                     {"X-Request-Id", false}});

constexpr std::string_view words_of_rates = "limit policy remain remaining reset time second seconds minute "
                                            "minutes hour hours day days";
constexpr std::size_t most_digits = 7; // more may be a moment, or somebody's number
constexpr std::size_t longest_rate_value = 100;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool are_digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

} // namespace

std::string_view to_string(call value) {
    switch (value) {
    case call::list:
        return "list";
    case call::configuration:
        return "configuration";
    case call::instances:
        return "instances";
    case call::htap:
        return "htap";
    case call::projects:
        return "projects";
    case call::no_such_instance:
        break;
    }
    return "no_such_instance";
}

std::optional<call> call_of(std::string_view operation) {
    for (const call each : {call::list, call::configuration, call::instances, call::htap, call::projects}) {
        if (to_string(each) == operation)
            return each;
    }
    return std::nullopt;
}

std::string_view records_of(call value) {
    if (value == call::list)
        return "replications";
    return value == call::instances || value == call::htap ? "instances" : "";
}

namespace {

std::string_view other_fields(call of, part in) {
    if (in == part::error)
        return error_fields;
    switch (of) {
    case call::configuration:
        return in == part::body ? configuration_more : "";
    case call::instances:
        return in == part::record ? instances_more : "";
    case call::htap:
        return in == part::record ? htap_more : "";
    default:
        return "";
    }
}

} // namespace

std::string_view detail::expected_fields(call of, part in) {
    if (in == part::error)
        return "";
    switch (of) {
    case call::list:
        return in == part::body ? list_body : list_record;
    case call::configuration:
        return in == part::body ? configuration_expected : "";
    case call::instances:
        return in == part::body ? instances_body : instances_expected;
    case call::htap:
        return in == part::body ? htap_body : htap_expected;
    default:
        return "";
    }
}

bool is_known_field(call of, part in, std::string_view path) {
    return is_among(detail::expected_fields(of, in), path) || is_among(other_fields(of, in), path);
}

bool is_known_word(call of, part in, std::string_view path, std::string_view word) {
    return is_among(words_of_field(of, in, path), to_lower_ascii(word));
}

bool is_percentage(call of, part in, std::string_view path) {
    return of == call::list && in == part::record && (path == "percentage" || path == "catchup_percentage");
}

bool is_count(call of, part in, std::string_view path) {
    return in == part::body && of != call::configuration && (path == "total_count" || path == "total");
}

std::string_view known_header(std::string_view name) {
    const std::string lower = to_lower_ascii(name);
    for (const auto& [known, about_rates] : headers) {
        if (to_lower_ascii(known) == lower)
            return known;
    }
    return {};
}

bool is_rate_header(std::string_view known_name) {
    return std::find(headers.begin(), headers.end(), header_name(known_name, true)) != headers.end();
}

bool is_rate_value(std::string_view value) {
    if (value.empty() || value.size() > longest_rate_value)
        return false;
    constexpr std::string_view punctuation = " ,;:=\"/.-";
    for (std::size_t at = 0; at < value.size();) {
        const auto is_same = is_digit(value[at]) ? is_digit : is_letter;
        const std::string_view rest = value.substr(at);
        const auto length =
            static_cast<std::size_t>(std::find_if_not(rest.begin(), rest.end(), is_same) - rest.begin());
        const std::string_view run = rest.substr(0, length);
        if (length == 0 && punctuation.find(value[at]) == std::string_view::npos)
            return false;
        if (length > 0 &&
            (is_digit(run.front()) ? length > most_digits : !is_among(words_of_rates, to_lower_ascii(run))))
            return false;
        at += std::max<std::size_t>(length, 1);
    }
    return true;
}

std::string public_error_code(std::string_view code) {
    if (code.empty())
        return "";
    constexpr std::size_t longest_number = 8;
    constexpr std::size_t digits_of_status = 3;
    for (const std::string_view family : {"DBS.", "APIG.", "APIGW.", "IAM."}) {
        if (!code.starts_with(family))
            continue;
        const std::string_view number = code.substr(family.size());
        if (are_digits(number) && number.size() <= longest_number)
            return std::string(code);
    }
    // IAM has the HTTP status as a code.
    return are_digits(code) && code.size() == digits_of_status ? std::string(code) : "other";
}

std::string public_region(std::string_view region) {
    return cloud::is_known_region(region) ? std::string(region) : "other";
}

} // namespace replmond::doctor
