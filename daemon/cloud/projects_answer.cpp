#include "daemon/cloud/projects_answer.hpp"

#include "daemon/cloud/answer.hpp"
#include "daemon/cloud/body_description.hpp"
#include "daemon/cloud/credential.hpp"
#include "daemon/cloud/exact_json.hpp"
#include "daemon/cloud/signer.hpp"
#include "daemon/config/problem.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

namespace replmond::cloud {
namespace {

namespace json = boost::json;

constexpr int forbidden = 403;
constexpr std::size_t most_named = 5; // of the projects found

struct found_project {
    std::string name;
    std::string id;
};

failure with_text(const net::http_response& answer, std::string text) {
    failure f;
    f.result = poll_result::protocol;
    f.http_status = answer.status;
    f.error_msg = std::move(text);
    f.request_id = net::find_header(answer.headers, "X-IAM-Trace-Id");
    return f;
}

std::string text_of(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

// Records without a usable id are left out.
std::vector<found_project> read_all(const json::array& records) {
    std::vector<found_project> all;
    for (const json::value& record : records) {
        if (!record.is_object())
            continue;
        found_project read{text_of(record.get_object(), "name"), text_of(record.get_object(), "id")};
        if (is_project_id(read.id))
            all.push_back(std::move(read));
    }
    return all;
}

std::string names_of(const std::vector<found_project>& projects) {
    std::string text;
    for (std::size_t i = 0; i < projects.size() && i < most_named; ++i)
        text +=
            fmt::format("{}{} (id {})", i == 0 ? "" : ", ", config::quoted(projects[i].name), projects[i].id);
    if (projects.size() > most_named)
        text += fmt::format(" and {} more", projects.size() - most_named);
    return text;
}

std::string none_text(std::string_view region, const std::vector<found_project>& all) {
    return fmt::format("IAM lists no project named {}, it lists {}: configure project_id",
                       config::quoted(region), all.empty() ? "none" : names_of(all));
}

} // namespace

std::string projects_target(std::string_view region) {
    return "/v3/projects?name=" + percent_encode(region);
}

result<std::string> decode_projects_answer(const net::http_response& answer, std::string_view region) {
    if (auto refused = failure_of(answer)) {
        if (answer.status == forbidden) // the credential is good, but may not list
            refused->error_msg += " (asked for the list of projects: allow that, or configure project_id)";
        return *refused;
    }
    json::error_code error;
    const json::value document = parse_exactly(answer.body, error);
    const json::value* records =
        error || !document.is_object() ? nullptr : document.get_object().if_contains("projects");
    if (records == nullptr || !records->is_array())
        return with_text(answer, "IAM's answer is no list of projects: configure project_id; " +
                                     describe_body(answer));

    const std::vector<found_project> all = read_all(records->get_array());
    std::vector<found_project> named;
    std::copy_if(all.begin(), all.end(), std::back_inserter(named),
                 [&](const found_project& p) { return p.name == region; });
    if (named.empty())
        return with_text(answer, none_text(region, all));
    if (named.size() > 1)
        return with_text(answer, fmt::format("IAM lists several projects named {}, {}: configure project_id",
                                             config::quoted(region), names_of(named)));
    return named.front().id;
}

} // namespace replmond::cloud
