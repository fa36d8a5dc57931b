// IAM's answer to a request for a token.
#include "daemon/core/cloud/iam.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

using namespace replmond;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    http::http_response answer;
    answer.status = data[0] % 2 == 0 ? 201 : 401;
    answer.headers.emplace_back("X-Subject-Token", "MII");
    answer.body.assign(reinterpret_cast<const char*>(data) + 1, size - 1);
    static_cast<void>(cloud::decode_token_answer(answer));
    return 0;
}
