#include "tests/simulator/api.hpp"

#include "tests/simulator/errors.hpp"
#include "tests/simulator/wire.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

namespace json = boost::json;
using replmond::testing::request;
using replmond::testing::script;

namespace replmond::simulator {
namespace {

constexpr std::int64_t largest_page = 100;

struct route {
    std::string project;
    std::string instance;
};

// /v3/{project_id}/instances/{instance_id}/starrocks/databases/replication
std::optional<route> match(std::string_view path) {
    constexpr std::string_view begin = "/v3/";
    constexpr std::string_view middle = "/instances/";
    constexpr std::string_view end = "/starrocks/databases/replication";
    if (!path.starts_with(begin) || !path.ends_with(end) || path.size() < begin.size() + end.size())
        return std::nullopt;
    path.remove_prefix(begin.size());
    path.remove_suffix(end.size());
    const std::size_t at = path.find(middle);
    if (at == std::string_view::npos)
        return std::nullopt;
    route found{std::string(path.substr(0, at)), std::string(path.substr(at + middle.size()))};
    const auto is_segment = [](const std::string& text) {
        return !text.empty() && text.find('/') == std::string::npos;
    };
    if (!is_segment(found.project) || !is_segment(found.instance))
        return std::nullopt;
    return found;
}

// A query parameter as a whole number; `otherwise` where it is absent, nothing where it is no number.
std::optional<std::int64_t> integer_parameter(const request& asked, std::string_view name,
                                              std::int64_t otherwise) {
    const auto text = asked.parameter(name);
    if (!text)
        return otherwise;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc{} || end != text->data() + text->size())
        return std::nullopt;
    return value;
}

script list_replications(const world& cloud, const instance_spec& instance, const request& asked,
                         virtual_time now) {
    const auto limit = integer_parameter(asked, "limit", largest_page);
    if (!limit || *limit < 1 || *limit > largest_page)
        return service_error(400, "DBS.280439", "The value of limit must be from 1 to 100.");
    const auto offset = integer_parameter(asked, "offset", 0);
    if (!offset || *offset < 0)
        return service_error(400, "DBS.280001", "Parameter error: offset must be an integer from 0.");

    const auto tasks = cloud.list(instance, now);
    const auto served = std::min(static_cast<std::size_t>(*limit), instance.max_page.value_or(largest_page));
    const auto first = std::min(static_cast<std::size_t>(*offset), tasks.size()); // offset counts records
    const auto page = std::span(tasks).subspan(first, std::min(served, tasks.size() - first));
    return json_answer(200, list_body(page, tasks.size(), instance.wire));
}

bool is_name(std::string_view text, std::size_t longest) {
    const auto allowed = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    };
    return text.size() >= 3 && text.size() <= longest && std::all_of(text.begin(), text.end(), allowed);
}

bool is_instance_id(std::string_view text) {
    return text.size() == 36 && is_name(text, 36) && text.find('_') == std::string_view::npos;
}

const json::string* text_member(const json::object& body, std::string_view key) {
    const auto* value = body.if_contains(key);
    return value ? value->if_string() : nullptr;
}

bool is_source_database(std::string_view text) {
    return is_name(text, 1024);
}

bool is_short_name(std::string_view text) {
    return is_name(text, 128);
}

// The first field of a create request's body that is missing or wrong; nothing where all is well.
const char* wrong_field(const json::object& body) {
    struct rule {
        const char* key;
        bool (*holds)(std::string_view);
    };
    constexpr std::array<rule, 4> rules{{{"source_instance_id", is_instance_id},
                                         {"source_database", is_source_database},
                                         {"target_database", is_short_name},
                                         {"task_name", is_short_name}}};
    for (const auto& [key, holds] : rules) {
        const auto* value = text_member(body, key);
        if (!value || !holds(*value))
            return key;
    }
    return body.contains("source_node_id") && !text_member(body, "source_node_id") ? "source_node_id"
                                                                                   : nullptr;
}

script create_replication(world& cloud, const instance_spec& instance, const request& asked, virtual_time now,
                          std::string_view request_id) {
    boost::system::error_code ec;
    const json::value parsed = json::parse(asked.body, ec);
    if (ec || !parsed.is_object())
        return service_error(400, "DBS.280001", "Parameter error: the body is no JSON object.");
    const auto& body = parsed.get_object();
    if (const char* field = wrong_field(body))
        return service_error(400, "DBS.280001", fmt::format("Parameter error: {}.", field));

    const creation wanted{std::string(*text_member(body, "task_name")),
                          std::string(*text_member(body, "source_database")),
                          std::string(*text_member(body, "target_database"))};
    switch (cloud.start(instance, wanted, now)) {
    case start_result::started:
        break;
    case start_result::unknown_task:
        return service_error(400, "DBS.270022", "The synchronization task does not exist.");
    case start_result::other_databases:
        return service_error(400, "DBS.280001", "Parameter error: the task is defined for other databases.");
    case start_result::wrong_state:
        return service_error(400, "DBS.200086", "The status of the task does not allow this operation.");
    }
    // A request id has the 32 digits of a UUID already.
    const auto id = request_id;
    return json_answer(200, {{"job_id", fmt::format("{}-{}-{}-{}-{}", id.substr(0, 8), id.substr(8, 4),
                                                    id.substr(12, 4), id.substr(16, 4), id.substr(20))}});
}

} // namespace

script answer_api(world& cloud, const request& asked, virtual_time now, std::string_view request_id) {
    const auto found = match(asked.path);
    if (!found || (asked.method != "GET" && asked.method != "POST"))
        return usual_error(404, request_id);

    constexpr auto refused = "Incorrect IAM authentication information: {}";
    const auto token = asked.header("X-Auth-Token");
    if (!token)
        return gateway_error(401, "APIGW.0301", fmt::format(refused, "x-auth-token not found"), request_id);
    if (!cloud.accepts_token(*token))
        return gateway_error(401, "APIGW.0301", fmt::format(refused, "decrypt token fail"), request_id);

    // The code that stands for "not found or not allowed": the cloud does not tell a stranger which.
    if (!cloud.has_project(found->project))
        return service_error(403, "DBS.200044",
                             "The resource does not exist or you do not have the permission.");

    // Of the codes that an unknown instance is met with, the one of 404 that nothing else uses: DBS.200022,
    // which the StarRocks pages show with this text, means "name exists" elsewhere.
    const auto* instance = cloud.find_instance(found->instance);
    if (!instance || instance->project != found->project)
        return service_error(404, "DBS.201028", wants_chinese(asked) ? "实例不存在" : "Instance not found.");

    if (asked.method == "GET")
        return list_replications(cloud, *instance, asked, now);
    return create_replication(cloud, *instance, asked, now, request_id);
}

std::string instance_in(std::string_view path) {
    constexpr std::string_view before = "/instances/";
    const std::size_t at = path.find(before);
    if (at == std::string_view::npos)
        return {};
    const auto rest = path.substr(at + before.size());
    return std::string(rest.substr(0, rest.find('/')));
}

} // namespace replmond::simulator
