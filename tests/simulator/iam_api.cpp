#include "tests/simulator/iam_api.hpp"

#include "tests/simulator/digest.hpp"
#include "tests/simulator/errors.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace json = boost::json;
using replmond::testing::script;

namespace replmond::simulator {
namespace {

// A number as code, as the documents show it.
script iam_error(int status, std::string_view message, std::string_view title) {
    return json_answer(status, {{"error", {{"code", status}, {"message", message}, {"title", title}}}});
}

// A word as code, as the table of codes has it.
script iam_error(int status, std::string_view code, std::string_view message, std::string_view title) {
    return json_answer(status, {{"error", {{"code", code}, {"message", message}, {"title", title}}}});
}

// Ids look like any other, and are the same in every run.
std::string id_of(std::string_view what) {
    return hex(sha256(what)).substr(0, 32);
}

struct token_request {
    std::string domain;
    std::string user;
    std::string password;
    bool project_scope = false;
    std::string project_id; // or
    std::string project_name;
};

std::string text_at(const json::value& owner, std::string_view key) {
    return std::string(owner.as_object().at(key).as_string());
}

std::string text_or_none(const json::object& owner, std::string_view key) {
    const auto* value = owner.if_contains(key);
    return value ? std::string(value->as_string()) : "";
}

// Throws where the scope is not as IAM wants it.
void read_scope(const json::object& auth, token_request& wanted) {
    const json::value* scope = auth.if_contains("scope");
    if (!scope)
        return;
    if (const auto* project = scope->as_object().if_contains("project")) {
        wanted.project_scope = true; // and wins where a domain is given as well
        wanted.project_id = text_or_none(project->as_object(), "id");
        wanted.project_name = text_or_none(project->as_object(), "name");
        if (wanted.project_id.empty() && wanted.project_name.empty())
            throw std::invalid_argument("project");
    } else {
        const json::object& domain = scope->at("domain").as_object();
        if (text_or_none(domain, "id").empty() && text_or_none(domain, "name").empty())
            throw std::invalid_argument("domain");
    }
}

// Throws where the body is not as IAM wants it.
token_request read_token_request(const std::string& body) {
    const json::value parsed = json::parse(body);
    const json::object& auth = parsed.at("auth").as_object();
    const json::value& identity = auth.at("identity");
    if (identity.at("methods") != json::array{"password"})
        throw std::invalid_argument("methods");
    const json::value& user = identity.at("password").at("user");

    token_request wanted;
    wanted.user = text_at(user, "name");
    wanted.password = text_at(user, "password");
    wanted.domain = text_at(user.at("domain"), "name");
    read_scope(auth, wanted);
    return wanted;
}

// Throws likewise. The domain, user and password are that of nobody.
token_request read_id_token_request(const std::string& body, std::string& id_token) {
    const json::value parsed = json::parse(body);
    const json::object& auth = parsed.at("auth").as_object();
    id_token = text_at(auth.at("id_token"), "id");
    token_request wanted;
    read_scope(auth, wanted);
    return wanted;
}

const project_spec* find_project(const access_control& access, const token_request& wanted) {
    const auto found =
        std::find_if(access.projects.begin(), access.projects.end(), [&](const project_spec& project) {
            return wanted.project_id.empty() ? project.name == wanted.project_name
                                             : project.id == wanted.project_id;
        });
    return found == access.projects.end() ? nullptr : &*found;
}

json::array catalog() {
    json::array services;
    for (const char* name : {"gaussdb", "iam", "ecs", "vpc", "evs", "ims", "rds", "dds", "dcs", "obs", "smn"})
        services.push_back(
            {{"id", id_of(name)},
             {"name", name},
             {"type", name},
             {"endpoints",
              json::array{{{"id", id_of(std::string(name) + " endpoint")},
                           {"interface", "public"},
                           {"region", "*"},
                           {"region_id", "*"},
                           {"url", fmt::format("https://{}.example.com/v3/$(tenant_id)s", name)}}}}});
    return services;
}

json::object token_body(const token_request& wanted, const project_spec* project,
                        const token_store::issued& token, bool with_catalog) {
    const json::object domain{{"id", id_of("domain " + wanted.domain)}, {"name", wanted.domain}};
    json::object body{{"expires_at", iso_time(token.expires_at)},
                      {"issued_at", iso_time(token.issued_at)},
                      {"methods", json::array{"password"}},
                      {"roles", json::array{{{"id", "0"}, {"name", "te_admin"}}}},
                      {"user",
                       {{"id", id_of("user " + wanted.domain + "/" + wanted.user)},
                        {"name", wanted.user},
                        {"password_expires_at", ""},
                        {"domain", domain}}},
                      {"catalog", with_catalog ? catalog() : json::array{}}};
    if (project)
        body["project"] = {{"id", project->id}, {"name", project->name}, {"domain", domain}};
    else
        body["domain"] = domain;
    return {{"token", std::move(body)}};
}

script issue(access_control& access, const token_request& wanted, call& now) {
    const project_spec* project = wanted.project_scope ? find_project(access, wanted) : nullptr;
    if (wanted.project_scope && !project)
        return iam_error(404, "IAM.0004", "Could not find the project.", "Not Found");

    caller who{now.caller, std::nullopt, !project};
    if (project)
        who.project = project->id;
    const auto token = access.tokens.issue(who, now.at);
    const bool with_catalog = now.asked.parameter("nocatalog") != "true";
    auto answer = json_answer(201, token_body(wanted, project, token, with_catalog));
    answer.headers.emplace_back("X-Subject-Token", token.token);
    return answer;
}

} // namespace

script issue_token(access_control& access, call& now) {
    token_request wanted;
    try {
        wanted = read_token_request(now.asked.body);
    } catch (const std::exception&) {
        return iam_error(400, "The request body is invalid.", "Bad Request");
    }

    switch (access.users.check(wanted.domain, wanted.user, wanted.password, now.at.now)) {
    case password_verdict::right:
        break;
    case password_verdict::wrong:
        return iam_error(401, "The username or password is wrong.", "Unauthorized");
    case password_verdict::locked:
        now.note = "the user is locked";
        return iam_error(401, "IAM.0061", "The account is locked.", "Unauthorized");
    }
    now.caller = wanted.domain + "/" + wanted.user;
    return issue(access, wanted, now);
}

script issue_token_for_id_token(access_control& access, call& now) {
    std::string id_token;
    token_request wanted;
    try {
        wanted = read_id_token_request(now.asked.body, id_token);
    } catch (const std::exception&) {
        return iam_error(400, "The request body is invalid.", "Bad Request");
    }
    const auto name = now.asked.header("X-Idp-Id").value_or("");
    const auto provider = std::find_if(access.providers.begin(), access.providers.end(),
                                       [&](const auto& known) { return known.id == name; });
    if (provider == access.providers.end()) {
        now.note = "no such identity provider";
        return iam_error(404, "Could not find identity provider.", "Not Found");
    }
    if (id_token != provider->id_token) {
        now.note = "another id token";
        return iam_error(401, "The id token is invalid.", "Unauthorized");
    }
    wanted.domain = "account";
    wanted.user = provider->id;
    now.caller = "provider " + provider->id;
    return issue(access, wanted, now);
}

script issue_temporary_keys(access_control& access, call& now) {
    std::string token;
    std::int64_t life = 0;
    try {
        const json::value parsed = json::parse(now.asked.body);
        const json::value& identity = parsed.at("auth").at("identity");
        if (identity.at("methods") != json::array{"token"})
            throw std::invalid_argument("methods");
        token = text_at(identity.at("token"), "id");
        life = identity.at("token").at("duration_seconds").to_number<std::int64_t>();
        if (life < 900 || life > 86'400)
            throw std::invalid_argument("duration_seconds");
    } catch (const std::exception&) {
        return iam_error(400, "The request body is invalid.", "Bad Request");
    }
    const auto known = access.tokens.check(token, now.at);
    if (const auto* refused = std::get_if<refusal>(&known)) {
        now.note = refused->note;
        return iam_error(401, "The request you have made requires authentication.", "Unauthorized");
    }
    now.caller = std::get<caller>(known).name;
    virtual_time lifetime = std::chrono::seconds(life);
    for (const auto& provider : access.providers)
        lifetime = std::min(lifetime, provider.key_lifetime);
    const auto issued = access.provider_keys.issue(access.keys, "IDPACCESS", "IDPSECRET", lifetime, now.at);
    return json_answer(201, {{"credential",
                              {{"access", issued.key.access},
                               {"expires_at", iso_time(issued.expires_at)},
                               {"secret", issued.key.secret},
                               {"securitytoken", *issued.key.security_token}}}});
}

script list_projects(const access_control& access, const call& now) {
    const auto name = now.asked.parameter("name");
    json::array projects;
    for (const auto& project : access.projects) {
        if (!name || project.name == *name)
            projects.push_back({{"id", project.id},
                                {"name", project.name},
                                {"domain_id", id_of("domain")},
                                {"parent_id", id_of("domain")},
                                {"is_domain", false},
                                {"enabled", true},
                                {"description", ""},
                                {"links", {{"self", "https://iam.example.com/v3/projects/" + project.id}}}});
    }
    return json_answer(
        200, {{"projects", std::move(projects)},
              {"links",
               {{"self", "https://iam.example.com/v3/projects"}, {"previous", nullptr}, {"next", nullptr}}}});
}

} // namespace replmond::simulator
