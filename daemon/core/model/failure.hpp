#pragma once

#include <boost/system/result.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace replmond {

/// How a poll ended: the values of the label `result` of replmond_polls_total (the contract, What a poll does
/// and Metrics).
enum class poll_result {
    success,
    auth,        ///< 401, refused or held credentials, unreadable secrets
    throttled,   ///< 429
    timeout,     ///< a deadline of replmond passed
    network,     ///< name resolution, connecting, connection resets, answers that end too early
    tls,         ///< TLS handshake and certificates
    http,        ///< every other status, including 403 and redirects
    protocol,    ///< the answer is not the JSON that was expected
    inconsistent ///< the pages are readable but contradict each other
};

inline constexpr std::array all_poll_results = {
    poll_result::success, poll_result::auth,     poll_result::throttled,
    poll_result::timeout, poll_result::network,  poll_result::tls,
    poll_result::http,    poll_result::protocol, poll_result::inconsistent};
inline constexpr std::size_t poll_result_count = all_poll_results.size();

/// The value of the label `result`.
std::string_view to_string(poll_result value);

/// Why a request or a poll did not succeed. The texts may come from the server, so they must never be used as
/// format strings.
struct failure {
    poll_result result = poll_result::network; ///< never success
    int http_status = 0;                       ///< 0: there was no answer
    std::string error_code;                    ///< the cloud's code such as DBS.200022; empty: none
    std::string error_msg;                     ///< the cloud's text, or a text of replmond
    std::string request_id;                    ///< X-Request-Id of the answer; empty: none
    std::optional<std::chrono::milliseconds> retry_after{}; ///< Retry-After of the answer, as it was sent

    bool operator==(const failure&) const = default;
};

/// Every failure is made by this function; the other members are set afterwards. `result` must not be
/// success.
failure make_failure(poll_result result, std::string error_msg);

/// The return type of functions that can fail, between modules: a value or a failure.
template<class T>
using result = boost::system::result<T, failure>;

/// Boost.System calls it (found by argument-dependent lookup) when value() is called on a failed result,
/// which is a bug. Throws std::logic_error.
[[noreturn]] void throw_exception_from_error(const failure& why, const boost::source_location& where);

} // namespace replmond
