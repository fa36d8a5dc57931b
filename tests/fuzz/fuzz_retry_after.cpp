// Retry-After on the first line, Date on the second: what an answer's header may hold.
#include "daemon/core/cloud/clock_skew.hpp"
#include "daemon/core/cloud/errors.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace replmond;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view value = text.substr(0, end);
    const std::string_view date = text.substr(std::min(end + 1, text.size()));

    const auto is_sound = [](const std::optional<milliseconds>& pause) {
        return !pause || (pause->count() >= 0 && *pause <= std::chrono::hours(24));
    };
    const auto now = cloud::parse_imf_fixdate(date);
    if (!is_sound(cloud::parse_retry_after(value, now)) || !is_sound(cloud::parse_retry_after(value, {})))
        std::abort();

    http::http_response answer;
    answer.status = 429;
    answer.headers = {{"retry-after", std::string(value)}, {"DATE", std::string(date)}};
    const auto why = cloud::failure_of(answer, now);
    if (!why || why->result != poll_result::throttled ||
        why->retry_after != cloud::parse_retry_after(value, now))
        std::abort();
    static_cast<void>(cloud::clock_difference(answer, now.value_or(timestamp{})));
    return 0;
}
