#include "daemon/cli/failure_text.hpp"

#include "daemon/cli/terminal_text.hpp"

namespace replmond::cli {

std::string failure_text(const failure& why) {
    std::string text(to_string(why.result));
    if (why.http_status != 0)
        text += ' ' + std::to_string(why.http_status);
    if (!why.error_code.empty())
        text += ' ' + shown(why.error_code);
    if (!why.error_msg.empty())
        text += ": " + shown(why.error_msg);
    if (!why.request_id.empty())
        text += " (request " + shown(why.request_id) + ')';
    return text;
}

} // namespace replmond::cli
