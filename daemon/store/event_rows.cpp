// Events as rows of the state file, and their fields as JSON.

#include "daemon/store/event_rows.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstdint>

namespace replmond::store {

namespace {

namespace json = boost::json;

// A handler for Boost.JSON's parser, which reports tokens as it reads them. json::object would lose the
// digits of numbers and repeated keys.
struct field_reader {
    static constexpr std::size_t max_object_size = std::size_t(-1);
    static constexpr std::size_t max_array_size = std::size_t(-1);
    static constexpr std::size_t max_key_size = std::size_t(-1);
    static constexpr std::size_t max_string_size = std::size_t(-1);
    using error = json::error_code;

    event_fields fields;
    std::string key;
    std::string pending; ///< the parts read so far of the current text
    int depth = 0;

    bool add(field_value value, error& ec) {
        if (depth != 1)
            return refuse(ec);
        fields.emplace_back(std::move(key), std::move(value));
        key.clear();
        return true;
    }
    static bool refuse(error& ec) {
        ec = json::error::syntax;
        return false;
    }
    std::string take(json::string_view last) {
        pending.append(last.data(), last.size());
        return std::exchange(pending, {});
    }
    bool keep(json::string_view part) {
        pending.append(part.data(), part.size());
        return true;
    }

    bool on_document_begin(error&) { return true; }
    bool on_document_end(error&) { return true; }
    bool on_object_begin(error& ec) { return ++depth == 1 || refuse(ec); }
    bool on_object_end(std::size_t, error&) { return --depth == 0; }
    bool on_array_begin(error& ec) { return refuse(ec); }
    bool on_array_end(std::size_t, error&) { return true; }
    bool on_key_part(json::string_view part, std::size_t, error&) { return keep(part); }
    bool on_key(json::string_view last, std::size_t, error&) {
        key = take(last);
        return true;
    }
    bool on_string_part(json::string_view part, std::size_t, error&) { return keep(part); }
    bool on_string(json::string_view last, std::size_t, error& ec) { return add(take(last), ec); }
    bool on_number_part(json::string_view part, error&) { return keep(part); }
    bool on_int64(std::int64_t, json::string_view last, error& ec) { return add(decimal{take(last)}, ec); }
    bool on_uint64(std::uint64_t, json::string_view last, error& ec) { return add(decimal{take(last)}, ec); }
    bool on_double(double, json::string_view last, error& ec) { return add(decimal{take(last)}, ec); }
    bool on_bool(bool value, error& ec) { return add(value, ec); }
    bool on_null(error& ec) { return refuse(ec); }
    bool on_comment_part(json::string_view, error&) { return true; }
    bool on_comment(json::string_view, error&) { return true; }
};

void append_string(std::string& to, const std::string& text) {
    to += json::serialize(json::string_view(text.data(), text.size()));
}

} // namespace

std::string to_json(const event_fields& fields) {
    std::string text = "{";
    for (const auto& [key, value] : fields) {
        if (text.size() > 1)
            text += ',';
        append_string(text, key);
        text += ':';
        if (const auto* words = std::get_if<std::string>(&value))
            append_string(text, *words);
        else if (const auto* number = std::get_if<decimal>(&value))
            text += number->text;
        else
            text += std::get<bool>(value) ? "true" : "false";
    }
    return text + '}';
}

std::optional<event_fields> parse_fields(std::string_view text) {
    json::parse_options options;
    options.allow_invalid_utf8 = true;
    json::basic_parser<field_reader> parser(options);
    json::error_code error;
    const std::size_t used = parser.write_some(false, text.data(), text.size(), error);
    if (error || used != text.size() || !parser.done())
        return std::nullopt;
    return std::move(parser.handler().fields);
}

namespace {

constexpr std::string_view columns =
    "id, time, level, name, project, project_id, starrocks_instance, instance_id, task, message, fields";

severity parse_level(std::string_view word) {
    for (const severity level : {severity::debug, severity::info, severity::warn}) {
        if (to_string(level) == word)
            return level;
    }
    return severity::error;
}

kept_event event_of(const statement& row) {
    kept_event read;
    read.what.id = static_cast<std::uint64_t>(row.integer(0).value_or(0));
    read.what.time = timestamp(milliseconds(row.integer(1).value_or(0)));
    read.what.level = parse_level(row.text(2).value_or(""));
    read.what.name = row.text(3).value_or("");
    read.what.project = row.text(4).value_or("");
    read.of.project_id = row.text(5).value_or("");
    read.what.starrocks_instance = row.text(6).value_or("");
    read.of.instance_id = row.text(7).value_or("");
    read.what.task = row.text(8).value_or("");
    read.what.message = row.text(9).value_or("");
    // Only another program can have written fields that do not parse; then the event is shown without fields.
    read.what.fields = parse_fields(row.text(10).value_or("")).value_or(event_fields());
    return read;
}

outcome<std::vector<kept_event>> read_all(statement& query) {
    std::vector<kept_event> events;
    for (;;) {
        const auto row = query.step();
        if (!row)
            return row.error();
        if (!*row)
            return events;
        events.push_back(event_of(query));
    }
}

std::string with_columns(std::string_view rest) {
    return std::string("SELECT ").append(columns).append(" FROM events ").append(rest);
}

} // namespace

outcome<statement> event_insert(connection& file) {
    return file.prepare(std::string("INSERT INTO events (")
                            .append(columns)
                            .append(") VALUES (?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (id) DO NOTHING"));
}

outcome<void> put(statement& insert, const kept_event& event) {
    return insert.bind(1, static_cast<std::int64_t>(event.what.id.value_or(0)))
        .bind(2, std::int64_t{event.what.time.time_since_epoch().count()})
        .bind(3, to_string(event.what.level))
        .bind(4, event.what.name)
        .bind(5, event.what.project)
        .bind(6, event.of.project_id)
        .bind(7, event.what.starrocks_instance)
        .bind(8, event.of.instance_id)
        .bind(9, event.what.task)
        .bind(10, event.what.message)
        .bind(11, to_json(event.what.fields))
        .run();
}

namespace {

// The levels that the query wants, as a list for IN.
std::string levels_from(severity least) {
    std::string list;
    for (const severity level : {severity::debug, severity::info, severity::warn, severity::error}) {
        if (level >= least)
            list.append(list.empty() ? "'" : ",'").append(to_string(level)).append("'");
    }
    return list;
}

constexpr int first_name = 5; // the parameters before it are fixed

} // namespace

outcome<std::vector<kept_event>> read_events(connection& file, const event_query& query) {
    // Every query uses the index on time, whatever else it filters by. Events of equal time are ordered by
    // id.
    std::string where = "WHERE time >= ?1";
    if (!query.instance.empty())
        where += " AND (starrocks_instance = ?2 OR instance_id = ?2)";
    if (!query.task.empty())
        where += " AND task = ?3";
    if (query.least != severity::debug)
        where += " AND level IN (" + levels_from(query.least) + ')';
    std::string names;
    for (std::size_t i = 0; i < query.names.size(); ++i)
        names += (i == 0 ? "?" : ",?") + std::to_string(first_name + i);
    if (!names.empty())
        where += " AND name IN (" + names + ')';
    auto found = file.prepare(with_columns(where + " ORDER BY time DESC, id DESC LIMIT ?4"));
    if (!found)
        return found.error();
    const timestamp since = query.since.value_or(timestamp::min());
    found->bind(1, std::int64_t{since.time_since_epoch().count()})
        .bind(4, static_cast<std::int64_t>(query.limit));
    if (!query.instance.empty())
        found->bind(2, query.instance);
    if (!query.task.empty())
        found->bind(3, query.task);
    for (std::size_t i = 0; i < query.names.size(); ++i)
        found->bind(first_name + static_cast<int>(i), query.names[i]);
    return read_all(*found);
}

bool admits(const event_query& query, const kept_event& event) {
    const auto& names = query.names;
    return (!query.since || event.what.time >= *query.since) && event.what.level >= query.least &&
           (query.instance.empty() || event.what.starrocks_instance == query.instance ||
            event.of.instance_id == query.instance) &&
           (query.task.empty() || event.what.task == query.task) &&
           (names.empty() || std::find(names.begin(), names.end(), event.what.name) != names.end());
}

namespace {

outcome<std::vector<std::string>> read_column(connection& file, const std::string& text) {
    auto query = file.prepare(text);
    if (!query)
        return query.error();
    std::vector<std::string> values;
    for (;;) {
        const auto row = query->step();
        if (!row)
            return row.error();
        if (!*row)
            return values;
        values.push_back(query->text(0).value_or(""));
    }
}

} // namespace

outcome<event_names> read_event_names(connection& file) {
    auto instances = read_column(file, "SELECT starrocks_instance FROM events WHERE starrocks_instance <> '' "
                                       "UNION SELECT instance_id FROM events WHERE instance_id <> ''");
    if (!instances)
        return instances.error();
    auto tasks = read_column(file, "SELECT DISTINCT task FROM events WHERE task <> '' ORDER BY task");
    if (!tasks)
        return tasks.error();
    return event_names{std::move(*instances), std::move(*tasks)};
}

outcome<std::uint64_t> last_event_id(connection& file) {
    // The newest event may be pruned already, or its insertion may have failed; `meta` still has its id.
    const auto id = file.number("SELECT max(coalesce((SELECT max(id) FROM events), 0), "
                                "coalesce((SELECT max(value) FROM meta), 0))");
    if (!id)
        return id.error();
    return static_cast<std::uint64_t>(*id);
}

outcome<std::vector<kept_event>> read_events_above(connection& file, std::uint64_t id, std::size_t limit) {
    auto found = file.prepare(with_columns("WHERE id > ? ORDER BY id LIMIT ?"));
    if (!found)
        return found.error();
    found->bind(1, static_cast<std::int64_t>(id)).bind(2, static_cast<std::int64_t>(limit));
    return read_all(*found);
}

} // namespace replmond::store
