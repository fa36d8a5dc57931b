// Decodes temporary keys, which the metadata service, a pod identity and IAM hand out (API.md, sections 5.4
// and 13).

#include "daemon/core/cloud/temporary_keys.hpp"

#include "daemon/core/cloud/errors.hpp"
#include "daemon/core/cloud/json.hpp"
#include "daemon/core/model/text.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace replmond::cloud {

namespace {

namespace json = boost::json;

constexpr int key_unauthorized = 401;
constexpr int key_created = 201;

enum key_part { key_id, key_secret, key_token, key_end, key_parts };

// The spellings of each part, in lower case and without underscores.
constexpr std::array<std::array<std::string_view, 2>, key_parts> spellings{{
    {"access", "accesskeyid"},
    {"secret", "secretaccesskey"},
    {"securitytoken", "securitytoken"},
    {"expiresat", "expiration"},
}};

std::string plain_name(std::string_view name) {
    std::string plain = to_lower_ascii(name);
    std::erase(plain, '_');
    return plain;
}

// The values of the four parts. A value that is not visible ASCII counts as missing: the values are sent in
// headers, or are a time.
std::array<std::string, key_parts> parts_of(const json::object& keys) {
    std::array<std::string, key_parts> found;
    for (const auto& [name, value] : keys) {
        if (!value.is_string() || !is_visible_ascii(value.get_string()))
            continue;
        const std::string plain = plain_name(name);
        for (std::size_t part = 0; part < key_parts; ++part) {
            const auto& known = spellings[part];
            const bool is_it = std::find(known.begin(), known.end(), plain) != known.end();
            if (is_it && found[part].empty())
                found[part] = value.get_string();
        }
    }
    return found;
}

std::optional<timestamp> parse_key_end(const std::string& text) {
    auto end = parse_rfc3339(text);
    if (!end && !text.empty())
        end = parse_rfc3339(text + 'Z');
    return end;
}

failure without_keys(const http::http_response& answer, const temporary_key_service& service,
                     std::string_view why) {
    failure f = make_failure(poll_result::protocol, fmt::format("{}: {}", service.nothing_found, why));
    f.http_status = answer.status;
    return f;
}

const json::value* outer_object(const json::object& document) {
    const json::value* one = document.if_contains("credential");
    return one != nullptr ? one : document.if_contains("credentials");
}

} // namespace

bool is_agency_missing(const http::http_response& answer) {
    return answer.status == key_unauthorized &&
           to_lower_ascii(answer.body).find("please configure cloud service agency first") !=
               std::string::npos;
}

result<credential> decode_temporary_keys(const http::http_response& answer,
                                         const temporary_key_service& service) {
    if (auto refused = failure_of(answer); refused && answer.status != key_created) {
        // The body of another 2xx may contain keys, and failure_of() quotes a body that is not JSON.
        if (answer.status < 300)
            refused->error_msg.clear();
        return *std::move(refused);
    }
    json::error_code error;
    const json::value document = parse_exactly(answer.body, error);
    if (error || !document.is_object())
        return without_keys(answer, service, "it is not a JSON object");
    const json::value* outer = outer_object(document.get_object());
    if (outer == nullptr || !outer->is_object())
        return without_keys(answer, service, fmt::format("{} is missing", service.object));

    auto parts = parts_of(outer->get_object());
    credential read;
    read.expires_at = parse_key_end(parts[key_end]);
    for (std::size_t part = 0; part < key_parts; ++part) {
        if (parts[part].empty() || (part == key_end && !read.expires_at))
            return without_keys(
                answer, service,
                fmt::format("{}.{} is missing or not readable", service.object, service.members[part]));
    }
    read.source = fmt::format("temporary key {} {}", last_four(parts[key_id]), service.owner);
    read.secret =
        signing_key{std::move(parts[key_id]), std::move(parts[key_secret]), std::move(parts[key_token])};
    read.renew_ahead = service.renew_ahead;
    return read;
}

result<credential> decode_security_key(const http::http_response& answer) {
    auto read = decode_temporary_keys(answer, metadata_service);
    if (read || !is_agency_missing(answer))
        return read;
    failure refused = read.error();
    refused.error_msg =
        "this ECS has no agency, so the metadata service has no keys for it: create an agency of type "
        "cloud service for ECS (op_svc_ecs) and select it at the server's Agency";
    return refused;
}

} // namespace replmond::cloud
