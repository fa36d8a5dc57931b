#include "daemon/cloud/token_request.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <vector>

namespace replmond::cloud {
namespace {

namespace json = boost::json;

constexpr int created = 201;

json::object scope_of(const password_login& login) {
    if (login.project_id)
        return {{"project", {{"id", *login.project_id}}}};
    return {{"project", {{"name", login.region}}}};
}

// As it stands between the quotes of a JSON string.
std::string escaped(std::string_view text) {
    const std::string quoted = json::serialize(json::string(text));
    return quoted.substr(1, quoted.size() - 2);
}

// Linear, however often it is found: the text is a server's.
std::string replaced(std::string_view text, std::string_view what) {
    std::string out;
    for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what)) {
        out.append(text.substr(0, at)).append("***");
        text.remove_prefix(at + what.size());
    }
    return out.append(text);
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

net::http_response without_password(net::http_response answer, std::string_view password) {
    if (password.empty() || answer.status == created)
        return answer;
    // the longest form first: the others stand inside of it
    const std::string once = escaped(password);
    std::vector<std::string> forms{escaped(once), once, std::string(password)};
    forms.erase(std::unique(forms.begin(), forms.end()), forms.end());
    for (const std::string& form : forms) {
        answer.body = replaced(answer.body, form);
        for (auto& header : answer.headers)
            header.second = replaced(header.second, form);
    }
    return answer;
}

} // namespace replmond::cloud
