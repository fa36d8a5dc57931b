// Decodes the temporary keys of an ECS agency, which the metadata service returns (API.md, section 5.4).

#include "daemon/core/cloud/metadata_keys.hpp"

#include "daemon/core/cloud/errors.hpp"
#include "daemon/core/cloud/json.hpp"
#include "daemon/core/model/text.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <utility>

namespace replmond::cloud {

namespace {

namespace json = boost::json;

constexpr int unauthorized = 401;

// A value that is not visible ASCII counts as missing: the values are sent in headers, or are a time.
std::string text(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    if (value == nullptr || !value->is_string() || !is_visible_ascii(value->get_string()))
        return {};
    return std::string(value->get_string());
}

failure unusable(std::string_view why) {
    failure f =
        make_failure(poll_result::protocol,
                     fmt::format("the metadata service's answer has no keys of the ECS agency: {}", why));
    f.http_status = 200;
    return f;
}

failure refusal(const http::http_response& answer, failure f) {
    if (is_agency_missing(answer)) {
        f.error_msg =
            "this ECS has no agency, so the metadata service has no keys for it: create an agency of "
            "type cloud service for ECS (op_svc_ecs) and select it at the server's Agency";
    } else if (answer.status < 300) {
        // The body of another 2xx may contain keys, and failure_of() quotes a body that is not JSON.
        f.error_msg.clear();
    }
    return f;
}

} // namespace

bool is_agency_missing(const http::http_response& answer) {
    return answer.status == unauthorized &&
           to_lower_ascii(answer.body).find("please configure cloud service agency first") !=
               std::string::npos;
}

result<credential> decode_security_key(const http::http_response& answer) {
    if (auto refused = failure_of(answer))
        return refusal(answer, std::move(*refused));

    json::error_code error;
    const json::value document = parse_exactly(answer.body, error);
    if (error || !document.is_object())
        return unusable("it is not a JSON object");
    const json::value* outer = document.get_object().if_contains("credential");
    if (outer == nullptr || !outer->is_object())
        return unusable("credential is missing");
    const json::object& inner = outer->get_object();

    signing_key key;
    key.access = text(inner, "access");
    key.secret = text(inner, "secret");
    key.security_token = text(inner, "securitytoken");
    credential read;
    read.expires_at = parse_rfc3339(text(inner, "expires_at"));

    for (const auto& [name, is_missing] :
         {std::pair("access", key.access.empty()), std::pair("secret", key.secret.empty()),
          std::pair("securitytoken", key.security_token->empty()),
          std::pair("expires_at", !read.expires_at)}) {
        if (is_missing)
            return unusable(fmt::format("credential.{} is missing or not readable", name));
    }
    read.source = fmt::format("temporary key {} of the ECS agency", last_four(key.access));
    read.secret = std::move(key);
    return read;
}

} // namespace replmond::cloud
