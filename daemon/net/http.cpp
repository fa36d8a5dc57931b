#include "daemon/net/http.hpp"

#include "daemon/model/text.hpp"

namespace replmond::net {

std::string_view find_header(const header_list& headers, std::string_view name) {
    const std::string wanted = to_lower_ascii(name);
    for (const auto& [key, value] : headers) {
        if (to_lower_ascii(key) == wanted)
            return value;
    }
    return {};
}

} // namespace replmond::net
