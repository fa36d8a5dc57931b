// Control over instances: names, and where they differ from well-behaved ones.
#include "tests/simulator/control_handlers.hpp"
#include "tests/simulator/json_fields.hpp"

#include <boost/json/parse.hpp>

namespace json = boost::json;
using replmond::testing::request;
using replmond::testing::script;

namespace replmond::simulator {

json::object shown(const instance_quirks& quirks) {
    json::object state;
    if (quirks.total != total_count::records)
        state["total_count_means"] = name_of(quirks.total);
    if (quirks.ignore_offset)
        state["ignore_offset"] = true;
    if (quirks.move_rows != 0)
        state["move_rows"] = quirks.move_rows;
    if (quirks.busy)
        state["busy"] = *quirks.busy;
    if (quirks.camel_case)
        state["camel_case"] = true;
    if (quirks.deleted)
        state["deleted"] = true;
    if (quirks.twice)
        state["twice"] = *quirks.twice;
    if (quirks.ext_text)
        state["ext_text"] = *quirks.ext_text;
    return state;
}

script post_instances(cloud& all, const request& asked, const instant&) {
    const json::value parsed = json::parse(asked.body);
    json_fields fields(parsed.as_object());
    std::string id;
    fields.read("instance", id);
    auto* instance = all.tasks.find_instance(id);
    if (!instance)
        return mistake("no instance has the id '" + id + "'");

    std::string name = instance->name;
    instance_quirks quirks = instance->quirks;
    std::string means(name_of(quirks.total));
    std::optional<std::int64_t> move_rows = quirks.move_rows;
    fields.read("name", name);
    fields.read("total_count_means", means);
    fields.read("ignore_offset", quirks.ignore_offset);
    fields.read("move_rows", move_rows, 0, 10'000);
    fields.read("busy", quirks.busy);
    fields.read("camel_case", quirks.camel_case);
    fields.read("deleted", quirks.deleted);
    fields.read("twice", quirks.twice);
    fields.read("ext_text", quirks.ext_text);
    if (const auto wrong = fields.mistake(); !wrong.empty())
        return mistake(wrong);
    const auto total = total_count_named(means);
    if (!total)
        return mistake("'total_count_means' must be records, page, absent, garbage or changing");
    quirks.total = *total;
    quirks.move_rows = move_rows.value_or(0);
    instance->name = name;
    instance->quirks = quirks;
    return done();
}

} // namespace replmond::simulator
