// Masks secrets in texts from a server. For an answer without secrets the cost is one search for each form.

#include "daemon/core/cloud/secret_mask.hpp"

#include "daemon/core/cloud/json.hpp"
#include "daemon/core/cloud/signer.hpp"

#include <boost/json.hpp>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <utility>
#include <variant>

namespace replmond::cloud {

namespace {

namespace json = boost::json;

constexpr std::string_view mask = "<secret>";

std::size_t find(std::string_view text, std::string_view form) {
    if (text.size() < form.size())
        return std::string_view::npos;
    const void* found = ::memmem(text.data(), text.size(), form.data(), form.size());
    return found == nullptr ? std::string_view::npos
                            : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

// Takes linear time, however often the form occurs, because a server may choose the text.
void replace(std::string& text, std::string_view form) {
    std::size_t at = find(text, form);
    if (at == std::string_view::npos)
        return;
    std::string out;
    std::string_view left = text;
    for (; at != std::string_view::npos; at = find(left, form)) {
        out.append(left.substr(0, at)).append(mask);
        left.remove_prefix(at + form.size());
    }
    out.append(left);
    text = std::move(out);
}

// The text with JSON's escapes, without the quotes.
std::string escaped(std::string_view text) {
    const std::string quoted = json::serialize(json::string(text));
    return quoted.substr(1, quoted.size() - 2);
}

// The base64 form without padding, and without a last character that also depends on the bytes after the
// secret: so it is found inside a longer base64 text too, if the secret begins at a multiple of 3 bytes.
std::string base64(std::string_view text) {
    std::string out(4 * ((text.size() + 2) / 3), '\0'); // EVP_EncodeBlock() writes one more '\0' behind it
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                    reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    out.resize((text.size() * 8) / 6);
    return out;
}

std::string with_small_hex(std::string encoded) {
    for (std::size_t at = encoded.find('%'); at != std::string::npos; at = encoded.find('%', at + 3)) {
        for (std::size_t i = at + 1; i < at + 3; ++i)
            encoded[i] = encoded[i] >= 'A' && encoded[i] <= 'F' ? static_cast<char>(encoded[i] - 'A' + 'a')
                                                                : encoded[i];
    }
    return encoded;
}

// Reads the UTF-16 code unit of an escape \uXXXX at `at`; false if there is none.
bool read_unit(std::string_view text, std::size_t at, std::uint32_t& unit) {
    if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u')
        return false;
    const char* end = text.data() + at + 6;
    return std::from_chars(text.data() + at + 2, end, unit, 16).ptr == end;
}

void append_utf8(std::string& out, std::uint32_t code) {
    const auto tail = [&](int shift) { out += static_cast<char>(0x80U | ((code >> shift) & 0x3FU)); };
    if (code < 0x80U) {
        out += static_cast<char>(code);
    } else if (code < 0x800U) {
        out += static_cast<char>(0xC0U | (code >> 6U));
        tail(0);
    } else if (code < 0x10000U) {
        out += static_cast<char>(0xE0U | (code >> 12U));
        tail(6);
        tail(0);
    } else {
        out += static_cast<char>(0xF0U | (code >> 18U));
        tail(12);
        tail(6);
        tail(0);
    }
}

char plain_of(char escape) {
    switch (escape) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return escape;
    }
}

// `text` with all of JSON's escapes decoded (RFC 8259 7), without parsing it. Ill-formed escapes are kept.
std::string unescaped(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::uint32_t unit = 0;
        if (text[i] != '\\' || i + 1 == text.size()) {
            out += text[i];
        } else if (!read_unit(text, i, unit)) {
            out += plain_of(text[++i]);
        } else {
            i += 5;
            std::uint32_t low = 0;
            if (unit >= 0xD800U && unit < 0xDC00U && read_unit(text, i + 1, low) && low >= 0xDC00U &&
                low < 0xE000U) {
                unit = 0x10000U + ((unit - 0xD800U) << 10U) + (low - 0xDC00U);
                i += 6;
            }
            append_utf8(out, unit);
        }
    }
    return out;
}

void apply_to_value(const secret_mask& with, json::value& value) {
    if (value.is_object()) {
        for (auto& member : value.get_object())
            apply_to_value(with, member.value());
    } else if (value.is_array()) {
        for (json::value& item : value.get_array())
            apply_to_value(with, item);
    } else if (value.is_string() && with.finds_in(value.get_string())) {
        std::string text(value.get_string());
        with.apply(text);
        value = json::string(text);
    }
}

} // namespace

secret_mask& secret_mask::operator=(const secret_mask& other) {
    if (this == &other)
        return *this;
    clear();
    forms_ = other.forms_;
    return *this;
}

secret_mask::~secret_mask() {
    clear();
}

void secret_mask::clear() {
    for (std::string& form : forms_)
        OPENSSL_cleanse(form.data(), form.size());
    forms_.clear();
}

void secret_mask::add(std::string_view secret) {
    if (secret.size() < shortest_masked_secret)
        return;
    const std::string once = escaped(secret);
    const std::string percent = percent_encode(secret);
    add_form(std::string(secret));
    add_form(once);
    add_form(escaped(once));
    add_form(percent);
    add_form(with_small_hex(percent));
    add_form(base64(secret));
}

void secret_mask::add(const credential& used) {
    if (const auto* token = std::get_if<std::string>(&used.secret)) {
        add(*token);
        return;
    }
    const auto& key = std::get<signing_key>(used.secret);
    add(key.secret);
    if (key.security_token)
        add(*key.security_token);
}

void secret_mask::add_form(std::string form) {
    if (std::find(forms_.begin(), forms_.end(), form) != forms_.end())
        return;
    const auto longer = [&](const std::string& other) { return other.size() >= form.size(); };
    forms_.insert(std::partition_point(forms_.begin(), forms_.end(), longer), std::move(form));
}

bool secret_mask::finds_in(std::string_view text) const {
    return std::any_of(forms_.begin(), forms_.end(),
                       [&](const std::string& form) { return find(text, form) != std::string_view::npos; });
}

void secret_mask::apply(std::string& text) const {
    for (const std::string& form : forms_)
        replace(text, form);
}

void secret_mask::apply_to_body(std::string& body) const {
    apply(body);
    if (forms_.empty() || body.find('\\') == std::string::npos || !finds_in(unescaped(body)))
        return;
    json::error_code error;
    json::value document = parse_exactly(body, error);
    if (error) {
        body = mask; // not JSON, so the place of the secret cannot be determined
        return;
    }
    apply_to_value(*this, document);
    body = json::serialize(document);
}

void secret_mask::apply(http::http_response& answer) const {
    for (auto& header : answer.headers)
        apply(header.second);
    apply_to_body(answer.body);
}

void secret_mask::apply(failure& f) const {
    apply(f.error_code);
    apply(f.error_msg);
    apply(f.request_id);
}

} // namespace replmond::cloud
