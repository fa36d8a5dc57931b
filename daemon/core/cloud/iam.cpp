// IAM's requests and answers: a token for a password or an id token, temporary keys for a token, and the
// project of a region (API.md, sections 5.1, 5.3 and 13).

#include "daemon/core/cloud/iam.hpp"

#include "daemon/core/cloud/credential.hpp"
#include "daemon/core/cloud/errors.hpp"
#include "daemon/core/cloud/json.hpp"
#include "daemon/core/cloud/signer.hpp"
#include "daemon/core/config/problem.hpp"
#include "daemon/core/model/text.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

namespace replmond::cloud {

namespace {

namespace json = boost::json;

constexpr int forbidden = 403;
constexpr std::size_t most_named = 5; // projects that a message names

struct found_project {
    std::string name;
    std::string id;
};

failure with_text(const http::http_response& answer, std::string text) {
    failure f = make_failure(poll_result::protocol, std::move(text));
    f.http_status = answer.status;
    f.request_id = http::find_header(answer.headers, "X-IAM-Trace-Id");
    return f;
}

std::string text_or_empty(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

// Records without a usable id are left out.
std::vector<found_project> read_all(const json::array& records) {
    std::vector<found_project> all;
    for (const json::value& record : records) {
        if (!record.is_object())
            continue;
        found_project read{text_or_empty(record.get_object(), "name"),
                           text_or_empty(record.get_object(), "id")};
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

result<std::string> decode_projects_answer(const http::http_response& answer, std::string_view region) {
    if (auto refused = failure_of(answer)) {
        if (answer.status == forbidden) // the credential is good, but lacks the permission to list projects
            refused->error_msg +=
                " (the request was for the list of projects; allow that, or configure project_id)";
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

namespace {

constexpr std::int64_t temporary_key_life = 21'600; // seconds, as the official SDKs ask for

json::object scope_of(const std::optional<std::string>& project_id, const std::string& region) {
    if (project_id)
        return {{"project", {{"id", *project_id}}}};
    return {{"project", {{"name", region}}}};
}

http::http_request make_post(std::string target, const json::object& body) {
    http::http_request request;
    request.method = "POST";
    request.target = std::move(target);
    request.headers.emplace_back("Content-Type", "application/json;charset=utf8");
    request.body = json::serialize(body);
    return request;
}

} // namespace

http::http_request make_token_request(const password_login& login) {
    const json::object user{
        {"name", login.user}, {"password", login.password}, {"domain", {{"name", login.domain}}}};
    const json::object identity{{"methods", json::array{"password"}}, {"password", {{"user", user}}}};
    const json::object scope = scope_of(login.project_id, login.region);
    const json::object body{{"auth", {{"identity", identity}, {"scope", scope}}}};
    return make_post("/v3/auth/tokens?nocatalog=true", body);
}

http::http_request make_id_token_request(const oidc_login& login) {
    const json::object scope = scope_of(login.project_id, login.region);
    const json::object body{{"auth", {{"id_token", {{"id", login.id_token}}}, {"scope", scope}}}};
    auto request = make_post("/v3.0/OS-AUTH/id-token/tokens", body);
    request.headers.emplace_back("X-Idp-Id", login.idp_id);
    return request;
}

http::http_request make_temporary_keys_request(const std::string& token) {
    const json::object identity{{"methods", json::array{"token"}},
                                {"token", {{"id", token}, {"duration_seconds", temporary_key_life}}}};
    const json::object body{{"auth", {{"identity", identity}}}};
    return make_post("/v3.0/OS-CREDENTIAL/securitytokens", body);
}

namespace {

constexpr int created = 201;

const json::object* child(const json::object& of, std::string_view name) {
    const json::value* value = of.if_contains(name);
    return value != nullptr && value->is_object() ? &value->get_object() : nullptr;
}

std::optional<std::string> text(const json::object* of, std::string_view name) {
    const json::value* value = of == nullptr ? nullptr : of->if_contains(name);
    if (value == nullptr || !value->is_string() || value->get_string().empty())
        return std::nullopt;
    return std::string(value->get_string());
}

failure without_token(const http::http_response& answer) {
    failure f = make_failure(poll_result::protocol, "IAM's answer has no X-Subject-Token");
    f.http_status = answer.status;
    if (!trimmed(answer.body, blanks_around_words).starts_with('{')) // a JSON object may contain secrets
        f.error_msg += "; " + describe_body(answer);
    f.request_id = http::find_header(answer.headers, "X-IAM-Trace-Id");
    return f;
}

} // namespace

result<issued_token> decode_token_answer(const http::http_response& answer) {
    if (answer.status != created) {
        const auto refused = failure_of(answer);
        return refused ? *refused : without_token(answer); // a 200 is not an issued token either
    }
    issued_token read;
    read.token = http::find_header(answer.headers, "X-Subject-Token");
    if (read.token.empty())
        return without_token(answer);

    json::error_code error;
    const json::value document = parse_exactly(answer.body, error);
    if (error || !document.is_object())
        return read;
    const json::object* token = child(document.get_object(), "token");
    if (const auto expires = text(token, "expires_at"))
        read.expires_at = parse_rfc3339(*expires);
    if (token != nullptr)
        read.project_id = text(child(*token, "project"), "id");
    return read;
}

} // namespace replmond::cloud
