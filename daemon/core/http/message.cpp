// Functions for requests and answers as values.

#include "daemon/core/http/message.hpp"

#include "daemon/core/model/text.hpp"

namespace replmond::http {

std::string_view find_header(const header_list& headers, std::string_view name) {
    const std::string wanted = to_lower_ascii(name);
    for (const auto& [key, value] : headers) {
        if (to_lower_ascii(key) == wanted)
            return value;
    }
    return {};
}

std::string joined_header(const header_list& headers, std::string_view name) {
    const std::string wanted = to_lower_ascii(name);
    std::string joined;
    for (const auto& [key, value] : headers) {
        if (to_lower_ascii(key) == wanted)
            joined.append(joined.empty() ? "" : ", ").append(value);
    }
    return joined;
}

http_failure failure_of(const std::exception_ptr& thrown, const http_request* request) {
    constexpr std::size_t longest = 256;
    http_failure failed;
    failed.request = request;
    try {
        std::rethrow_exception(thrown);
    } catch (const std::exception& e) {
        failed.error_msg = std::string_view(e.what()).substr(0, longest);
    } catch (...) {
        failed.error_msg = "something that is no std::exception was thrown";
    }
    return failed;
}

http_reply plain_reply(int status, std::string_view text) {
    http_reply answer;
    answer.status = status;
    answer.headers.emplace_back("Content-Type", "text/plain; charset=utf-8");
    answer.headers.emplace_back("X-Content-Type-Options", "nosniff");
    answer.body = std::string(text) + '\n';
    return answer;
}

} // namespace replmond::http
