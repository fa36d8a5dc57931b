#include "daemon/cloud/token_answer.hpp"

#include "daemon/cloud/answer.hpp"
#include "daemon/cloud/body_description.hpp"
#include "daemon/cloud/exact_json.hpp"
#include "daemon/model/text.hpp"

#include <boost/json.hpp>

namespace replmond::cloud {
namespace {

namespace json = boost::json;

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

failure without_token(const net::http_response& answer) {
    failure f;
    f.result = poll_result::protocol;
    f.http_status = answer.status;
    f.error_msg = "IAM's answer has no X-Subject-Token";
    if (!trimmed(answer.body, blanks_around_words).starts_with('{')) // what an object says may be secret
        f.error_msg += "; " + describe_body(answer);
    f.request_id = net::find_header(answer.headers, "X-IAM-Trace-Id");
    return f;
}

} // namespace

result<issued_token> decode_token_answer(const net::http_response& answer) {
    if (answer.status != created) {
        const auto refused = failure_of(answer);
        return refused ? *refused : without_token(answer); // a 200 is no token either
    }
    issued_token read;
    read.token = net::find_header(answer.headers, "X-Subject-Token");
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
