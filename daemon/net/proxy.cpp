#include "daemon/net/proxy.hpp"

#include "daemon/net/no_proxy.hpp"
#include "daemon/net/url.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <utility>
#include <vector>

namespace replmond::net {
namespace {

// parse_server_url has seen to it that two hex digits follow each '%'.
std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        unsigned char byte = 0;
        std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16);
        out += static_cast<char>(byte);
        i += 2;
    }
    return out;
}

std::string base64(std::string_view text) {
    std::vector<unsigned char> out(4 * ((text.size() + 2) / 3) + 1);
    const int size = EVP_EncodeBlock(out.data(), reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()));
    return std::string(out.begin(), out.begin() + size);
}

// RFC 7617. A user without a password has an empty one, as curl reads it.
std::string basic_authorization(std::string_view user_info) {
    const std::size_t colon = std::min(user_info.find(':'), user_info.size());
    const std::string user = percent_decoded(user_info.substr(0, colon));
    const std::string password =
        colon == user_info.size() ? "" : percent_decoded(user_info.substr(colon + 1));
    return "Basic " + base64(user + ':' + password);
}

// The first that is set, and under which name.
std::pair<std::string, std::string> read_variable(const environment_lookup& environment,
                                                  const std::array<const char*, 2>& names) {
    for (const char* name : names) {
        auto value = environment(name);
        if (value && !value->empty())
            return {name, std::move(*value)};
    }
    return {};
}

// Never with a part of the value, which may hold a password; a scheme that is one of these is none.
failure unusable(std::string_view where, std::string_view value) {
    failure f;
    f.result = poll_result::network;
    for (const char* scheme :
         {"https://", "socks://", "socks4://", "socks4a://", "socks5://", "socks5h://"}) {
        if (value.starts_with(scheme))
            f.error_msg =
                fmt::format("{}: a proxy is spoken to by http:// only, {} cannot be used", where, scheme);
    }
    if (f.error_msg.empty())
        f.error_msg =
            fmt::format("{}: expected http://[user:password@]host[:port], special characters of user "
                        "and password written as %XX (the value is not shown, it may hold a password)",
                        where);
    return f;
}

result<std::optional<proxy>> read(std::string_view where, std::string_view url) {
    std::optional<proxy> found = parse_proxy_url(url);
    if (!found)
        return unusable(where, url);
    found->setting = where;
    return found;
}

} // namespace

std::optional<proxy> parse_proxy_url(std::string_view url) {
    auto parsed = parse_server_url(url);
    if (!parsed || parsed->scheme != "http")
        return std::nullopt;
    proxy found;
    found.at.tls = false;
    found.at.host = std::move(parsed->host);
    found.at.port = parsed->port == 0 ? 80 : parsed->port;
    if (!parsed->user_info.empty())
        found.authorization = basic_authorization(parsed->user_info);
    return found;
}

result<std::optional<proxy>> choose_proxy(const std::optional<std::string>& configured,
                                          const environment_lookup& environment, const origin& to) {
    if (configured)
        return read("proxy_url", *configured);
    if (!to.tls || is_loopback_host(to.host))
        return std::optional<proxy>();

    const auto [name, value] = read_variable(environment, {"HTTPS_PROXY", "https_proxy"});
    const auto exempt = read_variable(environment, {"NO_PROXY", "no_proxy"});
    if (value.empty() || is_exempt(exempt.second, to))
        return std::optional<proxy>();
    if (value.find("://") == std::string::npos)
        return read(name, "http://" + value);
    return read(name, value);
}

} // namespace replmond::net
