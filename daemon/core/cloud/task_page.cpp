// Decodes one page of the task list. Every poll uses it: it refuses as little as possible and reports the
// values that it could not read.

#include "daemon/core/cloud/task_page.hpp"

#include "daemon/core/cloud/json.hpp"
#include "daemon/core/model/event.hpp"
#include "daemon/core/model/text.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <utility>

namespace replmond::cloud {

namespace {

namespace json = boost::json;

// As many as a whole reading may have (the contract, What a poll does). A body of 8 MiB could have many more
// empty records, which would take a hundred times the body's memory.
constexpr std::size_t most_records = 10'000;
constexpr std::size_t arena_part = 2; // a parsed document takes about twice the size of its text

failure no_such_list(std::string why) {
    return make_failure(poll_result::protocol, std::move(why));
}

bool is_blank_text(const json::value& value) {
    return value.is_string() && trimmed(value.get_string(), blanks_around_words).empty();
}

// Reads the fields of one record and collects the values that it could not read.
class record_reader {
public:
    record_reader(const json::object& record, std::vector<unexpected_value>& unexpected)
        : record_(record), unexpected_(unexpected) {}

    // Nothing if the record has no usable name; the caller counts such records.
    std::optional<task_reading> read() {
        task_.name = usable_name();
        if (task_.name.empty())
            return std::nullopt;

        task_.source_database = database("source_database", longest_source_database_name);
        task_.target_database = database("target_database", longest_database_name);
        task_.status = read_status();
        read_stage("stage", task_.stage_raw, [this](stage s) { task_.stage = s; });
        task_.percentage = percentage("percentage");
        if (!says_nothing("catchup_stage"))
            read_stage("catchup_stage", task_.catchup_stage_raw,
                       [this](stage s) { task_.catchup_stage = s; });
        if (!says_nothing("catchup_percentage"))
            task_.catchup_percentage = percentage("catchup_percentage");
        task_.needs_repair = boolean("is_need_repair");
        task_.main_task = boolean("is_main_task");
        return std::move(task_);
    }

private:
    // The value of a field; nullptr if it is absent, null or an empty text, which means "not reported".
    const json::value* reported(std::string_view field) const {
        const json::value* value = record_.if_contains(field);
        if (value == nullptr || value->is_null())
            return nullptr;
        return is_blank_text(*value) ? nullptr : value;
    }

    // The word without the blanks around it.
    static std::string_view word_of(const json::value& text) {
        return trimmed(text.get_string(), blanks_around_words);
    }

    // True for the words that mean "not reported" in the catch-up fields (the contract, What a poll does).
    bool says_nothing(std::string_view field) const {
        const json::value* value = reported(field);
        if (value == nullptr || !value->is_string())
            return false;
        const std::string word = to_lower_ascii(word_of(*value));
        return word == "none" || word == "null" || word == "-";
    }

    void unreadable(std::string_view field, const json::value& value) {
        unexpected_.push_back({task_.name, std::string(field), describe(value)});
    }

    std::string usable_name() {
        const json::value* value = record_.if_contains("task_name");
        if (value != nullptr && value->is_string() && !value->get_string().empty() &&
            value->get_string().size() <= longest_task_name)
            return std::string(value->get_string());
        unexpected_.push_back({"", "task_name", value == nullptr ? "absent" : describe(*value)});
        return {};
    }

    std::optional<std::string> database(std::string_view field, std::size_t longest) {
        const json::value* value = reported(field);
        if (value == nullptr)
            return std::nullopt;
        if (value->is_string() && value->get_string().size() <= longest)
            return std::string(value->get_string());
        unreadable(field, *value);
        return std::nullopt;
    }

    std::optional<status> read_status() {
        const json::value* value = reported("status");
        if (value == nullptr)
            return std::nullopt;
        std::optional<status> known;
        if (value->is_string())
            known = parse_status(word_of(*value));
        if (!known)
            unreadable("status", *value);
        return known;
    }

    template<class Assign>
    void read_stage(std::string_view field, std::optional<std::string>& raw, Assign assign) {
        const json::value* value = reported(field);
        if (value == nullptr)
            return;
        const stage known = value->is_string() ? parse_stage(word_of(*value)) : stage::unknown;
        assign(known);
        if (known == stage::unknown) {
            raw = describe(*value);
            unreadable(field, *value);
        }
    }

    std::optional<double> percentage(std::string_view field) {
        const json::value* value = reported(field);
        if (value == nullptr)
            return std::nullopt;
        const auto number = to_percentage(*value);
        if (!number)
            unreadable(field, *value);
        return number;
    }

    std::optional<bool> boolean(std::string_view field) {
        const json::value* value = reported(field);
        if (value == nullptr)
            return std::nullopt;
        const auto read = to_boolean(*value);
        if (!read)
            unreadable(field, *value);
        return read;
    }

    const json::object& record_;
    std::vector<unexpected_value>& unexpected_;
    task_reading task_;
};

void read_total(const json::object& body, page& into) {
    const json::value* total = body.if_contains("total_count");
    if (total == nullptr || total->is_null() || is_blank_text(*total))
        return;
    into.total_count = to_count(*total);
    if (!into.total_count)
        into.unexpected.push_back({"", "total_count", describe(*total)});
}

void read_note(const json::object& body, page& into) {
    const json::value* text = body.if_contains("ext_text");
    if (text == nullptr || text->is_null() || is_blank_text(*text))
        return;
    if (!text->is_string()) {
        into.unexpected.push_back({"", "ext_text", describe(*text)});
        return;
    }
    const std::string_view words = trimmed(text->get_string(), blanks_around_words);
    into.note = cut_after_characters(words, longest_instance_note);
}

void read_records(const json::array& records, page& into) {
    into.records = records.size();
    into.tasks.reserve(records.size());
    for (const json::value& record : records) {
        std::optional<task_reading> task;
        if (record.is_object())
            task = record_reader(record.get_object(), into.unexpected).read();
        else
            into.unexpected.push_back({"", "task_name", describe(record)});
        if (task)
            into.tasks.push_back(std::move(*task));
        else
            ++into.unusable;
    }
}

} // namespace

result<page> decode_page(std::string_view body) {
    // One arena for the whole document, so that no value is allocated or destroyed on its own.
    json::monotonic_resource arena(body.size() * arena_part);
    json::error_code error;
    const json::value document = parse_exactly(body, error, &arena);
    if (error)
        return no_such_list(fmt::format("the answer is not JSON: {}", error.message()));
    if (!document.is_object())
        return no_such_list("the answer is JSON, but not an object with \"replications\"");

    const json::object& object = document.get_object();
    page read;
    read_total(object, read);
    read_note(object, read);

    const json::value* records = object.if_contains("replications");
    if (records != nullptr && records->is_array()) {
        if (records->get_array().size() > most_records)
            return no_such_list(fmt::format("a page of the list has more than {} records", most_records));
        read_records(records->get_array(), read);
    } else if (records != nullptr && !records->is_null()) {
        return no_such_list("\"replications\" in the answer is not an array");
    } else if (!read.total_count) {
        // An empty list may be sent as null, but then total_count is present. If an answer without both were
        // taken for an empty list, it could declare every task gone.
        return no_such_list("the answer has no \"replications\"");
    }
    return read;
}

} // namespace replmond::cloud
