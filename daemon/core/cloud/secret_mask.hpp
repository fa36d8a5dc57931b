#pragma once

#include "daemon/core/cloud/credential.hpp"
#include "daemon/core/http/message.hpp"
#include "daemon/core/model/failure.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace replmond::cloud {

/// In bytes. Shorter secrets are not masked, because they would be found in ordinary words. The cloud allows
/// no shorter password.
inline constexpr std::size_t shortest_masked_secret = 6;

/// Knows the secrets of a project and replaces them by `<secret>` in texts from a server. It is applied to an
/// answer before anything is decoded or cut, so that no secret reaches a log line or a page. It finds a
/// secret unchanged, with JSON's escapes (any spelling if escaped once, the usual one if escaped twice),
/// percent-encoded and in base64. It does not find parts of a secret. Its copies of the secrets are
/// overwritten by clear() and the destructor.
class secret_mask {
public:
    secret_mask() = default;
    secret_mask(const secret_mask&) = default;
    secret_mask& operator=(const secret_mask& other);
    ~secret_mask();

    /// Adds a secret; shorter ones than shortest_masked_secret are ignored.
    void add(std::string_view secret);
    /// Adds the token, or the secret key and the security token. The id of an access key is no secret.
    void add(const credential& used);
    void clear();

    /// True if one of the forms of a secret occurs in `text`; JSON's escapes in `text` are not decoded.
    bool finds_in(std::string_view text) const;

    /// Masks a plain text.
    void apply(std::string& text) const;
    /// Masks a text that may be JSON: secrets are also found if the strings of the JSON spell them with other
    /// escapes.
    void apply_to_body(std::string& body) const;
    /// Masks the headers' values and the body.
    void apply(http::http_response& answer) const;
    /// Masks the texts of the failure.
    void apply(failure& f) const;

private:
    void add_form(std::string form);

    std::vector<std::string> forms_; ///< the longest first, because it may contain a shorter one
};

} // namespace replmond::cloud
