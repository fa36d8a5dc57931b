#include "tests/simulator/metadata_api.hpp"

#include "tests/simulator/errors.hpp"

#include <charconv>

using replmond::testing::request;
using replmond::testing::script;

namespace replmond::simulator {
namespace {

constexpr std::int64_t longest_ttl = 21'600;

script text_answer(int status, std::string_view text) {
    script answer;
    answer.status = status;
    answer.headers.emplace_back("Content-Type", "text/plain; charset=utf-8");
    answer.body = text;
    return answer;
}

std::optional<std::chrono::seconds> read_ttl(const request& asked) {
    const auto text = asked.header("X-Metadata-Token-Ttl-Seconds").value_or("");
    std::int64_t ttl = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ttl);
    if (error != std::errc{} || end != text.data() + text.size() || ttl < 1 || ttl > longest_ttl)
        return std::nullopt;
    return std::chrono::seconds(ttl);
}

script issue_token(metadata_service& service, call& now) {
    if (service.settings().mode == metadata_mode::plain)
        return text_answer(service.settings().plain_status, "no metadata tokens here");
    const auto ttl = read_ttl(now.asked);
    if (!ttl) {
        now.note = "X-Metadata-Token-Ttl-Seconds is no number from 1 to 21600";
        return text_answer(400, "Bad Request");
    }
    return text_answer(200, service.issue_token(*ttl, now.at.now));
}

// Why the metadata token will not do; empty where it will. Who knows no tokens ignores them.
std::string wrong_token(const metadata_service& service, const call& now) {
    const auto mode = service.settings().mode;
    const auto token = now.asked.header("X-Metadata-Token");
    if (mode == metadata_mode::plain)
        return {};
    if (!token)
        return mode == metadata_mode::token ? "no X-Metadata-Token" : "";
    return service.knows_token(*token, now.at.now) ? "" : "unknown or expired X-Metadata-Token";
}

script hand_out_key(access_control& access, metadata_service& service, call& now) {
    if (auto wrong = wrong_token(service, now); !wrong.empty()) {
        now.note = std::move(wrong);
        return text_answer(401, "Unauthorized");
    }
    if (!service.settings().agency) {
        now.note = "no agency";
        return text_answer(401, "Please configure Cloud Service Agency first");
    }
    const auto& issued = service.hand_out(access.keys, now.at);
    return json_answer(200, {{"credential",
                              {{"access", issued.key.access},
                               {"secret", issued.key.secret},
                               {"securitytoken", *issued.key.security_token},
                               {"expires_at", iso_time(issued.expires_at)}}}});
}

} // namespace

std::string proxy_trace(const request& asked) {
    if (!asked.target.starts_with('/'))
        return "an absolute target";
    for (const char* name : {"Via", "X-Forwarded-For", "Forwarded"}) {
        if (asked.header(name))
            return name;
    }
    return {};
}

script answer_metadata(access_control& access, call& now) {
    if (const auto trace = proxy_trace(now.asked); !trace.empty()) {
        now.note = "came through a proxy: " + trace;
        now.grave = true;
        return text_answer(400, "Bad Request");
    }
    if (!access.metadata)
        return text_answer(404, "Not Found");
    return now.target.wanted == operation::metadata_token ? issue_token(*access.metadata, now)
                                                          : hand_out_key(access, *access.metadata, now);
}

} // namespace replmond::simulator
