#include "tests/simulator/routes.hpp"

#include <array>

namespace replmond::simulator {
namespace {

struct named {
    operation which;
    std::string_view name;
};

constexpr std::array<named, 19> names{{{operation::none, "none"},
                                       {operation::token, "token"},
                                       {operation::projects, "projects"},
                                       {operation::list, "list"},
                                       {operation::create, "create"},
                                       {operation::pause, "pause"},
                                       {operation::resume, "resume"},
                                       {operation::remove, "delete"},
                                       {operation::configuration, "configuration"},
                                       {operation::databases, "databases"},
                                       {operation::nodes, "nodes"},
                                       {operation::instances, "instances"},
                                       {operation::htap, "htap"},
                                       {operation::jobs, "jobs"},
                                       {operation::metadata_token, "metadata_token"},
                                       {operation::metadata_key, "metadata_key"},
                                       {operation::pod_identity, "pod_identity"},
                                       {operation::id_token, "id_token"},
                                       {operation::temporary_keys, "temporary_keys"}}};

struct entry {
    operation which;
    std::string_view method;
    std::string_view pattern; // {p}, {i} and {d} stand for one segment each
};

constexpr std::array<entry, 19> table{{
    {operation::token, "POST", "/v3/auth/tokens"},
    {operation::projects, "GET", "/v3/projects"},
    {operation::list, "GET", "/v3/{p}/instances/{i}/starrocks/databases/replication"},
    {operation::create, "POST", "/v3/{p}/instances/{i}/starrocks/databases/replication"},
    {operation::remove, "DELETE", "/v3/{p}/instances/{i}/starrocks/databases/replication"},
    {operation::pause, "POST", "/v3/{p}/instances/{i}/starrocks/databases/replication/pause"},
    {operation::resume, "POST", "/v3/{p}/instances/{i}/starrocks/databases/replication/resume"},
    {operation::configuration, "GET", "/v3/{p}/instances/{i}/starrocks/databases/replication/configuration"},
    {operation::configuration, "GET",
     "/v3/{p}/instances/{i}/starrocks/databases/replication/configuration/{d}"},
    {operation::databases, "GET", "/v3/{p}/instances/{i}/starrocks/databases"},
    {operation::nodes, "GET", "/v3/{p}/instances/{i}/starrocks/nodes"},
    {operation::instances, "GET", "/v3/{p}/instances"},
    {operation::htap, "GET", "/v3/{p}/instances/{i}/htap"},
    {operation::jobs, "GET", "/v3/{p}/jobs"},
    {operation::metadata_token, "PUT", "/meta-data/latest/api/token"},
    {operation::metadata_key, "GET", "/openstack/latest/securitykey"},
    {operation::pod_identity, "POST", "/v1/credentials"},
    {operation::id_token, "POST", "/v3.0/OS-AUTH/id-token/tokens"},
    {operation::temporary_keys, "POST", "/v3.0/OS-CREDENTIAL/securitytokens"},
}};

// Cuts one `/segment` off; nothing where there is none.
std::optional<std::string_view> next_segment(std::string_view& path) {
    if (!path.starts_with('/'))
        return std::nullopt;
    path.remove_prefix(1);
    const auto segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    return segment;
}

std::optional<route> match(const entry& known, std::string_view path) {
    route found;
    found.wanted = known.which;
    std::string_view pattern = known.pattern;
    while (!pattern.empty()) {
        const auto wanted = next_segment(pattern);
        const auto given = next_segment(path);
        if (!given || given->empty())
            return std::nullopt;
        if (wanted == "{p}")
            found.project = *given;
        else if (wanted == "{i}")
            found.instance = *given;
        else if (wanted == "{d}")
            found.database = *given;
        else if (wanted != given)
            return std::nullopt;
    }
    if (!path.empty())
        return std::nullopt;
    return found;
}

route find_in_table(std::string_view method, std::string_view path) {
    for (const auto& known : table) {
        if (known.method != method)
            continue;
        if (auto found = match(known, path))
            return *found;
    }
    return {};
}

// `/path` of `http://host/path`; empty for other text.
std::string_view behind_authority(std::string_view path) {
    const auto scheme = path.find("://");
    const auto slash = scheme == std::string_view::npos ? scheme : path.find('/', scheme + 3);
    return slash == std::string_view::npos ? std::string_view{} : path.substr(slash);
}

} // namespace

route find_route(std::string_view method, std::string_view path) {
    if (path.starts_with('/'))
        return find_in_table(method, path);
    auto found = find_in_table(method, behind_authority(path));
    return is_metadata(found.wanted) ? found : route{};
}

std::string_view name_of(operation which) {
    for (const auto& [known, name] : names) {
        if (known == which)
            return name;
    }
    return "none";
}

std::optional<operation> operation_named(std::string_view name) {
    for (const auto& known : names) {
        if (known.name == name)
            return known.which;
    }
    return std::nullopt;
}

bool is_iam(operation which) {
    return which == operation::token || which == operation::projects || which == operation::id_token ||
           which == operation::temporary_keys;
}

bool is_metadata(operation which) {
    return which == operation::metadata_token || which == operation::metadata_key ||
           which == operation::pod_identity;
}

} // namespace replmond::simulator
