#include "tests/simulator/api.hpp"

#include "tests/simulator/errors.hpp"
#include "tests/simulator/iam_api.hpp"
#include "tests/simulator/inventory_api.hpp"
#include "tests/simulator/metadata_api.hpp"
#include "tests/simulator/pod_identity_api.hpp"
#include "tests/simulator/replication_api.hpp"

using replmond::testing::script;

namespace replmond::simulator {
namespace {

// Of the codes that an unknown instance is met with, the one of 404 that nothing else uses: DBS.200022,
// which the StarRocks pages show with this text, means "name exists" elsewhere.
script no_such_instance(const call& now) {
    return service_error(404, "DBS.201028", wants_chinese(now.asked) ? "实例不存在" : "Instance not found.");
}

script answer_for_instance(cloud& all, const instance_spec& instance, call& now) {
    switch (now.target.wanted) {
    case operation::list:
        return list_replications(all, instance, now);
    case operation::create:
        return create_replication(all, instance, now);
    case operation::configuration:
        return show_configuration(all, instance, now);
    case operation::databases:
        return list_databases(all, instance, now);
    case operation::nodes:
        return list_nodes(instance);
    default:
        return change_replication(all, instance, now);
    }
}

script answer_in_project(cloud& all, call& now) {
    const route& target = now.target;
    if (target.wanted == operation::instances)
        return list_instances(all, now);
    if (target.wanted == operation::jobs)
        return show_job(all, now);
    if (target.wanted == operation::htap) {
        const auto* owner = all.tasks.find_taurusdb(target.instance);
        return owner && owner->project == target.project && owner->course.lists(now.at.now)
                   ? list_htap(all, *owner, now)
                   : no_such_instance(now);
    }
    const auto* instance = std::as_const(all.tasks).find_instance(target.instance);
    if (!instance || instance->project != target.project || instance->quirks.deleted)
        return no_such_instance(now);
    return answer_for_instance(all, *instance, now);
}

} // namespace

script answer_api(cloud& all, call& now) {
    if (now.target.wanted == operation::none)
        return usual_error(404, now.request_id);
    if (now.target.wanted == operation::token)
        return issue_token(all.access, now);
    if (now.target.wanted == operation::id_token)
        return issue_token_for_id_token(all.access, now);
    if (now.target.wanted == operation::temporary_keys)
        return issue_temporary_keys(all.access, now);
    if (now.target.wanted == operation::pod_identity)
        return answer_pod_identity(all.access, now);
    if (is_metadata(now.target.wanted))
        return answer_metadata(all.access, now);

    const auto admitted = admit(all.access, now.asked, now.at);
    if (const auto* refused = std::get_if<refusal>(&admitted)) {
        now.note = refused->note;
        return gateway_error(refused->status, refused->code, refused->text, now.request_id);
    }
    const auto& who = std::get<caller>(admitted);
    now.caller = who.name;
    if (now.target.wanted == operation::projects)
        return list_projects(all.access, now);

    // The code that stands for "not found or not allowed": the cloud does not tell a stranger which.
    if (!all.access.has_project(now.target.project))
        return service_error(403, "DBS.200044",
                             "The resource does not exist or you do not have the permission.");
    if (who.domain_only || (who.project && *who.project != now.target.project)) {
        now.note = "the token is not for this project";
        return service_error(403, "DBS.280056", "Invalid token.");
    }
    return answer_in_project(all, now);
}

} // namespace replmond::simulator
