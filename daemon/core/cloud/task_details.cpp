// Decodes the configuration of one task: only its error text for the daemon, all of it for `replmond task
// show`.

#include "daemon/core/cloud/task_details.hpp"

#include "daemon/core/cloud/json.hpp"
#include "daemon/core/model/text.hpp"

#include <boost/json.hpp>

namespace replmond::cloud {

namespace {

namespace json = boost::json;

constexpr std::size_t field_limit = 1024; // bytes

std::optional<std::string> text_of(const json::object& object, std::string_view field) {
    const json::value* value = object.if_contains(field);
    if (value == nullptr || !value->is_string() || value->get_string().empty())
        return std::nullopt;
    return cut_between_characters(std::string_view(value->get_string()), field_limit);
}

} // namespace

std::optional<std::string> task_configuration::error_text() const {
    if (!error_msg || error_msg == last_error_of_alter_table)
        return last_error_of_alter_table;
    if (!last_error_of_alter_table)
        return error_msg;
    return *error_msg + "; " + *last_error_of_alter_table;
}

result<task_configuration> decode_configuration(std::string_view body) {
    json::error_code error;
    const json::value document = parse_exactly(body, error);
    if (error || !document.is_object()) {
        return make_failure(poll_result::protocol,
                            "the answer of the configuration API is not a JSON object");
    }
    task_configuration read;
    read.error_msg = text_of(document.get_object(), "error_msg");
    read.last_error_of_alter_table = text_of(document.get_object(), "last_error_of_alter_table");
    return read;
}

namespace {

constexpr std::size_t word_limit = 32; // bytes
constexpr const char* no_result = "unknown";

std::optional<bool> flag_of(const json::object& object, std::string_view field) {
    const json::value* value = object.if_contains(field);
    if (value != nullptr && value->is_bool())
        return value->get_bool();
    const auto text = text_of(object, field);
    if (!text)
        return std::nullopt;
    const std::string word = to_lower_ascii(trimmed(*text, blanks_around_words));
    if (word == "true")
        return true;
    return word == "false" ? std::optional(false) : std::nullopt;
}

check_counts count_checks(const json::object& in, std::string_view field) {
    check_counts counts;
    const json::value* list = in.if_contains(field);
    if (list == nullptr || !list->is_array())
        return counts;
    for (const json::value& item : list->get_array()) {
        std::optional<std::string> word;
        if (item.is_object())
            word = text_of(item.get_object(), "check_result");
        if (!word && item.is_object())
            word = text_of(item.get_object(), "checkResult");
        ++counts[word
                     ? cut_between_characters(to_lower_ascii(trimmed(*word, blanks_around_words)), word_limit)
                     : no_result];
    }
    return counts;
}

void read_database(const json::object& answer, task_details& into) {
    const json::value* info = answer.if_contains("database_info");
    if (info == nullptr || !info->is_object())
        return;
    const json::object& database = info->get_object();
    into.source_database = text_of(database, "database_name");
    if (!into.source_database)
        into.source_database = text_of(database, "databaseName");
    into.parameters = count_checks(database, "db_config_check_results");
    if (into.parameters.empty())
        into.parameters = count_checks(database, "dbCfgCheckResults");
}

} // namespace

result<task_details> decode_task_details(std::string_view body) {
    auto errors = decode_configuration(body);
    if (!errors)
        return errors.error();
    json::error_code error;
    const json::value document = parse_exactly(body, error); // cannot fail: decode_configuration() succeeded
    const json::object& answer = document.get_object();
    task_details read;
    read.errors = std::move(*errors);
    read.source_instance_id = text_of(answer, "source_instance_id");
    read.source_node_id = text_of(answer, "source_node_id");
    read.target_database = text_of(answer, "target_database_name");
    read.scope = text_of(answer, "database_repl_scope");
    read.instance_level = flag_of(answer, "is_instance_level_sync");
    read.tables_change = flag_of(answer, "is_tables_change");
    read.tables = count_checks(answer, "table_infos");
    read_database(answer, read);
    return read;
}

} // namespace replmond::cloud
