// Reads secrets from a value, a file or a variable, and checks their text. No message contains a secret.

#include "daemon/core/config/secret.hpp"

#include "daemon/core/model/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <string_view>
#include <utility>

namespace replmond::config {

namespace {

using std::string_view_literals::operator""sv;

constexpr std::size_t largest_secret = 64 * 1024; // a token has several KiB

secret_outcome failed(std::string why) {
    return {std::nullopt, std::move(why)};
}

// `what`: what is named in messages, such as "the file /etc/replmond/ak".
secret_outcome checked(std::string secret, const std::string& what) {
    if (secret.empty())
        return failed(what + " is empty");
    if (secret.size() > largest_secret)
        return failed(what + " is larger than 64 KiB, a secret is one line");
    if (secret.find_first_of("\0\r\n"sv) != std::string::npos)
        return failed(what + " has a line break or a NUL inside, a secret is one line");
    if (!is_valid_utf8(secret))
        return failed(what + " is not valid UTF-8");
    return {std::move(secret), {}};
}

void drop_newline(std::string& text) {
    if (text.ends_with("\r\n"))
        text.resize(text.size() - 2);
    else if (text.ends_with('\n'))
        text.pop_back();
}

// The text may be a secret that was written in place of a variable's name. It is only shown if it has the
// usual form of a variable's name, such as MY_NAME.
std::string describe_variable(const std::string& name) {
    const bool is_usual =
        name.find('_') != std::string::npos && name.size() <= 64 &&
        name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == std::string::npos;
    return is_usual ? "the environment variable " + name : "the environment variable named here";
}

secret_outcome from_environment(const std::string& name, const lookup& from) {
    const std::string what = describe_variable(name);
    auto value = from.environment(name);
    if (!value)
        return failed(what + " is not set");
    return checked(std::move(*value), what);
}

secret_outcome from_file(const std::string& path, const lookup& from) {
    found_file found = find_file(path, from);
    if (!found.failure.empty())
        return failed(std::move(found.failure));
    drop_newline(found.content);
    return checked(std::move(found.content), "the file " + found.path);
}

} // namespace

std::vector<std::string> candidates_for(const std::string& path, const lookup& from) {
    std::vector<std::string> paths;
    const auto credentials = from.environment("CREDENTIALS_DIRECTORY");
    if (credentials && !credentials->empty() && std::filesystem::path(path).is_relative())
        paths.push_back((std::filesystem::path(*credentials) / path).string());
    paths.push_back(beside_config(path, from));
    return paths;
}

found_file find_file(const std::string& path, const lookup& from) {
    if (path.empty())
        return {path, {}, "expected the path of a file"};

    std::string full;
    file_outcome read;
    const std::vector<std::string> candidates = candidates_for(path, from);
    for (const std::string& candidate : candidates) {
        full = candidate;
        read = from.read_file(full);
        // A file that exists but cannot be read is an error. The next one must not be used instead, since it
        // may have an old secret.
        if (read.error != std::errc::no_such_file_or_directory)
            break;
    }
    if (read.error) {
        const bool is_nowhere = candidates.size() > 1 && read.error == std::errc::no_such_file_or_directory;
        return {full,
                {},
                fmt::format("cannot read {}: {}{}", full, read.error.message(),
                            is_nowhere ? ", nor is it in $CREDENTIALS_DIRECTORY" : "")};
    }
    return {full, std::move(read.content), {}};
}

secret_outcome read_secret(const secret_source& source, const lookup& from) {
    switch (source.from) {
    case secret_source::kind::file:
        return from_file(source.text, from);
    case secret_source::kind::environment:
        return from_environment(source.text, from);
    case secret_source::kind::value:
        break;
    }
    return checked(source.text, "the value");
}

std::string doubt_about_secret(std::string_view secret) {
    const auto is_around = [&](std::string_view first, std::string_view last) {
        return secret.size() > first.size() && secret.starts_with(first) && secret.ends_with(last);
    };
    if (trimmed(secret) != secret)
        return "the secret begins or ends with a blank, which is taken as a part of it";
    if (is_around("\"", "\"") || is_around("'", "'"))
        return "the secret stands in quotes, which are taken as a part of it";
    if (is_around("${", "}"))
        return "the secret looks like ${NAME}, which is not replaced; name an environment variable by the "
               "key that "
               "ends with _env";
    constexpr std::string_view names[] = {"ak",    "sk",       "access_key", "secret_key", "security_token",
                                          "token", "password", "user",       "domain"};
    const std::size_t end = secret.find_first_of("=:");
    const std::string name = to_lower_ascii(trimmed(secret.substr(0, end)));
    if (end != std::string_view::npos &&
        std::find(std::begin(names), std::end(names), name) != std::end(names))
        return "the secret begins with a name, which is taken as a part of it; only the secret itself "
               "belongs here";
    return {};
}

std::string beside_config(const std::string& path, const lookup& from) {
    return (std::filesystem::path(from.directory) / path).lexically_normal().string();
}

} // namespace replmond::config
