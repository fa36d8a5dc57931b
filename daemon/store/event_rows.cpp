#include "daemon/store/event_rows.hpp"

#include "daemon/store/event_fields.hpp"

namespace replmond::store {
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
    // Somebody else has written what cannot be read: the event is shown without its fields.
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

outcome<std::vector<kept_event>> read_events(connection& file, const event_query& query) {
    // One way through the file whatever is asked: by time, which is an index, and by id where times are
    // equal.
    std::string where = "WHERE time >= ?1";
    if (!query.instance.empty())
        where += " AND (starrocks_instance = ?2 OR instance_id = ?2)";
    if (!query.task.empty())
        where += " AND task = ?3";
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
    return read_all(*found);
}

outcome<std::vector<kept_event>> read_events_above(connection& file, std::uint64_t id, std::size_t limit) {
    auto found = file.prepare(with_columns("WHERE id > ? ORDER BY id LIMIT ?"));
    if (!found)
        return found.error();
    found->bind(1, static_cast<std::int64_t>(id)).bind(2, static_cast<std::int64_t>(limit));
    return read_all(*found);
}

} // namespace replmond::store
