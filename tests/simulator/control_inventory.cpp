// Control over what the lists of TaurusDB and HTAP instances show.
#include "tests/simulator/control_handlers.hpp"
#include "tests/simulator/json_fields.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>

namespace json = boost::json;
using replmond::testing::request;
using replmond::testing::script;

namespace replmond::simulator {
namespace {

// Reads what both kinds have in common; `raw` is replaced as a whole. A name that control gives holds,
// whatever the scenario says for later.
template<class Spec>
void read_common(json_fields& fields, Spec& spec) {
    const std::string before = spec.name;
    fields.read("name", spec.name);
    if (spec.name != before)
        spec.course.rename_at.reset();
    fields.read("status", spec.status);
    fields.read("deleted", spec.course.deleted);
    if (const auto* raw = fields.read_object("raw"))
        spec.course.raw = *raw;
}

htap_spec* find_htap(taurusdb_spec& owner, const std::string& id) {
    const auto found =
        std::find_if(owner.htap.begin(), owner.htap.end(), [&](const htap_spec& h) { return h.id == id; });
    return found == owner.htap.end() ? nullptr : &*found;
}

} // namespace

json::object shown(const taurusdb_spec& owner, virtual_time now) {
    json::array listed;
    for (const auto& given : owner.htap) {
        if (given.course.lists(now))
            listed.push_back(json::value(given.id));
    }
    return {{"id", owner.id},
            {"name", owner.course.renames(now) ? owner.course.rename_to : owner.name},
            {"project", owner.project},
            {"listed", owner.course.lists(now)},
            {"htap", std::move(listed)}};
}

script post_taurusdb(cloud& all, const request& asked, const instant&) {
    const json::value parsed = json::parse(asked.body);
    json_fields fields(parsed.as_object());
    std::string id;
    std::string project;
    bool add = false;
    fields.read("instance", id);
    fields.read("project", project);
    fields.read("add", add);
    const auto* known = all.tasks.find_taurusdb(id);
    taurusdb_spec changed = known ? *known : taurusdb_spec{id, id, project, "ACTIVE", {}, {}, {}};
    read_common(fields, changed);
    if (const auto wrong = fields.mistake(); !wrong.empty())
        return mistake(wrong);
    if (id.empty() || (!known && !add))
        return mistake("no TaurusDB instance has the id '" + id + "'");
    if (!known && project.empty())
        return mistake("a new one needs a 'project'");
    taurusdb_spec& target = known ? *all.tasks.find_taurusdb(id) : all.tasks.add_taurusdb(id, project);
    target = std::move(changed);
    return done();
}

script post_htap(cloud& all, const request& asked, const instant&) {
    const json::value parsed = json::parse(asked.body);
    json_fields fields(parsed.as_object());
    std::string owner_id;
    std::string id;
    bool add = false;
    fields.read("taurusdb", owner_id);
    fields.read("instance", id);
    fields.read("add", add);
    auto* owner = all.tasks.find_taurusdb(owner_id);
    if (!owner)
        return mistake("no TaurusDB instance has the id '" + owner_id + "'");
    auto* known = find_htap(*owner, id);
    htap_spec changed = known ? *known : htap_spec{id, id, "star-rocks", "normal", {}};
    read_common(fields, changed);
    fields.read("engine", changed.engine);
    if (const auto wrong = fields.mistake(); !wrong.empty())
        return mistake(wrong);
    if (!known && !add)
        return mistake("no HTAP instance of it has the id '" + id + "'");
    if (known)
        *known = std::move(changed);
    else
        owner->htap.push_back(std::move(changed));
    return done();
}

script post_inventory(cloud& all, const request& asked, const instant&) {
    const json::value parsed = json::parse(asked.body);
    json_fields fields(parsed.as_object());
    inventory_quirks quirks = all.tasks.inventory();
    std::string means(name_of(quirks.total));
    std::optional<std::int64_t> max_page;
    if (quirks.max_page)
        max_page = static_cast<std::int64_t>(*quirks.max_page);
    fields.read("max_page", max_page, 1, 100);
    fields.read("total_count_means", means);
    fields.read("ignore_offset", quirks.ignore_offset);
    if (const auto wrong = fields.mistake(); !wrong.empty())
        return mistake(wrong);
    const auto total = total_count_named(means);
    if (!total)
        return mistake("'total_count_means' must be records, page, absent, garbage or changing");
    quirks.total = *total;
    quirks.max_page.reset();
    if (max_page)
        quirks.max_page = static_cast<std::size_t>(*max_page);
    all.tasks.inventory() = quirks;
    return done();
}

} // namespace replmond::simulator
