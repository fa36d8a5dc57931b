#pragma once

#include <string>
#include <string_view>

namespace replmond::simulator {

/// Why a request is turned away: what the client reads, and what only the request log says.
struct refusal {
    int status = 401;
    std::string code;
    std::string text;
    std::string note;
};

/// 401 `APIGW.0301`, the gateway's answer to credentials that are no good.
inline refusal bad_credentials(std::string_view text, std::string_view note) {
    return {401, "APIGW.0301", "Incorrect IAM authentication information: " + std::string(text),
            std::string(note)};
}

} // namespace replmond::simulator
