// Reads the environment variables and the profile file of the official SDKs (API.md, sections 5.5 and 13).

#include "daemon/core/cloud/sdk_profile.hpp"

#include "daemon/core/config/values.hpp"
#include "daemon/core/model/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace replmond::cloud {

namespace {

constexpr std::string_view file_variable = "HUAWEICLOUD_SDK_CREDENTIALS_FILE";
constexpr std::string_view usual_file = "/.huaweicloud/credentials"; // below $HOME
constexpr std::string_view section_name = "basic";
// The Python SDK parses the file with configparser, whose sections inherit from [DEFAULT].
constexpr std::string_view inherited_section = "default";

enum field { access, secret, token, project, iam, provider, provider_token, field_count };

template<class T>
using per_field = std::array<T, field_count>;

constexpr per_field<std::string_view> variables = {
    "HUAWEICLOUD_SDK_AK",           "HUAWEICLOUD_SDK_SK",           "HUAWEICLOUD_SDK_SECURITY_TOKEN",
    "HUAWEICLOUD_SDK_PROJECT_ID",   "HUAWEICLOUD_SDK_IAM_ENDPOINT", "HUAWEICLOUD_SDK_IDP_ID",
    "HUAWEICLOUD_SDK_ID_TOKEN_FILE"};
constexpr per_field<std::string_view> keys = {"ak",           "sk",     "security_token", "project_id",
                                              "iam_endpoint", "idp_id", "id_token_file"};

// A value and where it was found. An empty text counts as not set.
struct found_value {
    std::string text;
    std::string place; ///< for messages: the variable, or `FILE:LINE: key`
};

failure unusable(std::string why) {
    return make_failure(poll_result::auth, std::move(why));
}

failure unusable_value(const found_value& value, std::string_view expected) {
    return unusable(fmt::format("{}: expected {} (the value is not shown)", value.place, expected));
}

std::optional<failure> half_given(const per_field<found_value>& found,
                                  const per_field<std::string_view>& names, field one, field other) {
    for (const auto& [have, lack] : {std::pair(one, other), std::pair(other, one)}) {
        if (!found[have].text.empty() && found[lack].text.empty())
            return unusable(fmt::format("{} is given without {}", found[have].place, names[lack]));
    }
    return std::nullopt;
}

std::optional<failure> unreadable_value(const per_field<found_value>& found) {
    for (const field part : {access, secret, token, provider}) {
        if (!found[part].text.empty() && !is_visible_ascii(found[part].text))
            return unusable_value(found[part], "visible ASCII characters without spaces");
    }
    if (!found[project].text.empty() && !is_project_id(found[project].text))
        return unusable_value(found[project], "1 to 64 letters, digits, - and _");
    if (!found[iam].text.empty()) {
        const auto origin = config::parse_origin(found[iam].text);
        if (!origin || (!origin->is_https && !origin->is_loopback))
            return unusable_value(found[iam], "https://host[:port] without user, path, query or fragment");
    }
    return std::nullopt;
}

std::optional<std::string> given(const found_value& value) {
    return value.text.empty() ? std::nullopt : std::optional(value.text);
}

std::optional<std::string> given_origin(const found_value& value) {
    return value.text.empty() ? std::nullopt : std::optional(config::parse_origin(value.text)->text);
}

bool is_filled(const found_value& one, const found_value& other) {
    return !one.text.empty() && !other.text.empty();
}

// Reads the id token.
result<sdk_credential> to_provider(const per_field<found_value>& found, const config::lookup& places) {
    const config::secret_source file{config::secret_source::kind::file, found[provider_token].text};
    auto read = config::read_secret(file, places);
    if (!read.secret)
        return unusable(fmt::format("{}: {}", found[provider_token].place, read.failure));
    return sdk_credential(identity_provider{found[provider].text, std::move(*read.secret),
                                            given(found[project]), given_origin(found[iam])});
}

// `from`: for credential::source, such as "the environment".
sdk_credential to_credential(per_field<found_value> found, std::string_view from) {
    signing_key key;
    key.access = std::move(found[access].text);
    key.secret = std::move(found[secret].text);
    key.security_token = given(found[token]);

    credential made;
    made.source = fmt::format("{} key {} from {}", key.security_token ? "temporary" : "access",
                              last_four(key.access), from);
    made.secret = std::move(key);
    made.project_id = given(found[project]);
    made.iam_endpoint = given_origin(found[iam]);
    return made;
}

// The identity provider comes first, as in the SDKs. One that is only half given counts only if there is no
// key.
result<sdk_credential> choose(per_field<found_value> found, const per_field<std::string_view>& names,
                              const config::lookup& places, std::string_view from) {
    const bool has_key = !found[access].text.empty() || !found[secret].text.empty();
    const bool has_provider = is_filled(found[provider], found[provider_token]);
    std::optional<failure> mistake;
    if (!has_provider)
        mistake = has_key ? half_given(found, names, access, secret)
                          : half_given(found, names, provider, provider_token);
    if (!mistake)
        mistake = unreadable_value(found);
    if (mistake)
        return *std::move(mistake);
    if (has_provider)
        return to_provider(found, places);
    return to_credential(std::move(found), from);
}

bool is_empty(const per_field<found_value>& found) {
    const auto is_missing = [&](field part) { return found[part].text.empty(); };
    return is_missing(access) && is_missing(secret) && is_missing(provider) && is_missing(provider_token);
}

constexpr std::string_view blanks = " \t\r\v\f"; // ignored at the ends of lines, keys and values

std::string_view without_quotes(std::string_view text) {
    const bool is_quoted =
        text.size() >= 2 && text.front() == text.back() && (text.front() == '"' || text.front() == '\'');
    return is_quoted ? text.substr(1, text.size() - 2) : text;
}

// Reads the section [basic] of a profile file and the values that it inherits from [DEFAULT]. Stops at the
// first line that cannot be parsed.
class profile_reader {
public:
    explicit profile_reader(std::string path) : path_(std::move(path)) {}

    std::optional<failure> read(std::string_view content) {
        if (content.starts_with("\xEF\xBB\xBF")) // a byte order mark
            content.remove_prefix(3);
        while (!content.empty()) {
            ++line_;
            const std::size_t end = content.find('\n');
            if (auto mistake = read_line(trimmed(content.substr(0, end), blanks)))
                return mistake;
            content.remove_prefix(end == std::string_view::npos ? content.size() : end + 1);
        }
        return std::nullopt;
    }

    [[nodiscard]] bool has_section() const { return has_section_; }
    [[nodiscard]] per_field<found_value> found() const {
        per_field<found_value> merged;
        std::transform(found_.begin(), found_.end(), inherited_.begin(), merged.begin(),
                       [](const found_value& own, const found_value& inherited) {
                           return own.place.empty() ? inherited : own;
                       });
        return merged;
    }

private:
    std::optional<failure> read_line(std::string_view line) {
        if (line.empty() || line.front() == '#' || line.front() == ';')
            return std::nullopt;
        if (line.front() == '[')
            return enter(line);
        return into_ != nullptr ? read_entry(line, *into_) : std::nullopt;
    }

    std::optional<failure> enter(std::string_view line) {
        const std::size_t end = line.find(']');
        if (end == std::string_view::npos)
            return unusable(fmt::format("{}:{}: expected [section]", path_, line_));
        const std::string name = to_lower_ascii(trimmed(line.substr(1, end - 1), blanks));
        into_ = name == section_name ? &found_ : name == inherited_section ? &inherited_ : nullptr;
        has_section_ = has_section_ || into_ == &found_;
        return std::nullopt;
    }

    std::optional<failure> read_entry(std::string_view line, per_field<found_value>& into) {
        const std::size_t sign = line.find_first_of("=:"); // the SDKs take both
        if (sign == std::string_view::npos || sign == 0)
            return unusable(fmt::format("{}:{}: expected key = value", path_, line_));
        const std::string key = to_lower_ascii(trimmed(line.substr(0, sign), blanks));
        const auto* const known = std::find(keys.begin(), keys.end(), key);
        if (known != keys.end())
            into[static_cast<std::size_t>(known - keys.begin())] = {
                std::string(without_quotes(trimmed(line.substr(sign + 1), blanks))),
                fmt::format("{}:{}: {}", path_, line_, key)};
        return std::nullopt;
    }

    std::string path_;
    std::size_t line_ = 0;
    bool has_section_ = false;
    per_field<found_value> found_;
    per_field<found_value> inherited_;
    /// For the entries of the current section; null: they are ignored.
    per_field<found_value>* into_ = nullptr;
};

std::string variable(const config::lookup& from, std::string_view name) {
    return from.environment(std::string(name)).value_or("");
}

} // namespace

std::optional<std::string> iam_endpoint_of(const sdk_credential& found) {
    return std::visit([](const auto& of) { return of.iam_endpoint; }, found);
}

std::optional<result<sdk_credential>> from_environment(const config::lookup& from) {
    per_field<found_value> found;
    std::transform(variables.begin(), variables.end(), found.begin(), [&](std::string_view name) {
        return found_value{variable(from, name), fmt::format("the environment variable {}", name)};
    });
    if (is_empty(found))
        return std::nullopt;
    return choose(std::move(found), variables, from, "the environment");
}

std::optional<result<sdk_credential>> from_profile(const config::lookup& from) {
    std::string path = variable(from, file_variable);
    const bool is_named = !path.empty();
    if (!is_named) {
        path = variable(from, "HOME");
        if (path.empty())
            return std::nullopt;
        path += usual_file;
    }

    const config::file_outcome file = from.read_file(path);
    if (file.error) {
        const bool is_nowhere =
            file.error == std::errc::no_such_file_or_directory || file.error == std::errc::not_a_directory;
        if (is_nowhere && !is_named)
            return std::nullopt;
        return unusable(fmt::format("cannot read {}{}: {}", path,
                                    is_named ? fmt::format(" (from ${})", file_variable) : "",
                                    file.error.message()));
    }

    profile_reader profile(path);
    if (const auto mistake = profile.read(file.content))
        return *mistake;
    if (!profile.has_section() && !is_named)
        return std::nullopt;
    per_field<found_value> found = profile.found();
    if (is_empty(found))
        return unusable(fmt::format("{}: no ak and sk in the section [{}]", path, section_name));
    return choose(std::move(found), keys, from, path);
}

} // namespace replmond::cloud
