#pragma once

#include "daemon/core/cloud/credential.hpp"
#include "daemon/core/http/message.hpp"
#include "daemon/core/model/failure.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace replmond::cloud {

/// A secret that is shorter is not looked for: its letters stand in words that mean something else. The cloud
/// allows no shorter password.
inline constexpr std::size_t shortest_masked_secret = 6;

/// Knows the secrets of a project and puts `<secret>` where one of them stands in what a server sent. It is
/// applied where an answer is taken in, before anything is read from it or cut short. It finds a secret as it
/// is, escaped as in JSON (in any spelling once, in the usual one twice), percent-encoded and in base64. A
/// part of a secret is not found. Its copies are wiped at its end.
class secret_mask {
public:
    secret_mask() = default;
    secret_mask(const secret_mask&) = default;
    secret_mask& operator=(const secret_mask& other);
    ~secret_mask();

    void add(std::string_view secret);
    void add(const credential& used);
    void clear();

    /// Whether one stands in `text` as it is, that is without JSON's escapes.
    bool finds_in(std::string_view text) const;

    /// A plain text.
    void apply(std::string& text) const;
    /// Text that may be JSON: what stands in its strings counts, however they are spelled.
    void apply_to_body(std::string& body) const;
    /// Its headers and its body.
    void apply(http::http_response& answer) const;
    void apply(failure& f) const;

private:
    void add_form(std::string form);

    std::vector<std::string> forms_; ///< the longest first: others may stand inside of it
};

} // namespace replmond::cloud
