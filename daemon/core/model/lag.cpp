// The words of the results of reading a heartbeat.

#include "daemon/core/model/lag.hpp"

namespace replmond {

std::string_view to_string(lag_result value) {
    switch (value) {
    case lag_result::success:
        return "success";
    case lag_result::auth:
        return "auth";
    case lag_result::network:
        return "network";
    case lag_result::tls:
        return "tls";
    case lag_result::timeout:
        return "timeout";
    case lag_result::query:
        return "query";
    case lag_result::empty:
        return "empty";
    case lag_result::protocol:
        break;
    }
    return "protocol";
}

} // namespace replmond
