// Failures, and the words of the label `result`.

#include "daemon/core/model/failure.hpp"

#include <stdexcept>
#include <utility>

namespace replmond {

std::string_view to_string(poll_result value) {
    switch (value) {
    case poll_result::success:
        return "success";
    case poll_result::auth:
        return "auth";
    case poll_result::throttled:
        return "throttled";
    case poll_result::timeout:
        return "timeout";
    case poll_result::network:
        return "network";
    case poll_result::tls:
        return "tls";
    case poll_result::http:
        return "http";
    case poll_result::protocol:
        return "protocol";
    case poll_result::inconsistent:
        break;
    }
    return "inconsistent";
}

failure make_failure(poll_result result, std::string error_msg) {
    failure f;
    f.result = result;
    f.error_msg = std::move(error_msg);
    return f;
}

void throw_exception_from_error(const failure& why, const boost::source_location& where) {
    throw std::logic_error(std::string("value of a failed result read at ") + where.to_string() + ": " +
                           why.error_msg);
}

} // namespace replmond
