#include "daemon/cloud/token_request.hpp"

#include <boost/json.hpp>

namespace replmond::cloud {
namespace {

namespace json = boost::json;

json::object scope_of(const password_login& login) {
    if (login.project_id)
        return {{"project", {{"id", *login.project_id}}}};
    return {{"project", {{"name", login.region}}}};
}

} // namespace

net::http_request make_token_request(const password_login& login) {
    const json::object user{
        {"name", login.user}, {"password", login.password}, {"domain", {{"name", login.domain}}}};
    const json::object identity{{"methods", json::array{"password"}}, {"password", {{"user", user}}}};
    const json::object body{{"auth", {{"identity", identity}, {"scope", scope_of(login)}}}};

    net::http_request request;
    request.method = "POST";
    request.target = "/v3/auth/tokens?nocatalog=true";
    request.headers.emplace_back("Content-Type", "application/json;charset=utf8");
    request.body = json::serialize(body);
    return request;
}

} // namespace replmond::cloud
