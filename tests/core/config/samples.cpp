#include "tests/core/config/samples.hpp"

#include "daemon/core/config/load.hpp"
#include "tests/support/certificates.hpp"

#include <gtest/gtest.h>

#include <map>
#include <optional>

namespace replmond::config {

lookup sample_lookup() {
    lookup sample;
    sample.directory = "/etc/test";
    sample.environment = [](const std::string& name) -> std::optional<std::string> {
        static const std::map<std::string, std::string> variables{
            {"TEST_GOOD", "hunter-env"}, {"TEST_EMPTY", ""}, {"TEST_TWO_LINES", "hunter2\nhunter3"}};
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
    };
    sample.read_file = [](const std::string& path) -> file_outcome {
        static const std::map<std::string, std::string> files{
            {"/etc/test/good", "hunter-file\n"},
            {"/etc/test/empty", "\n"},
            {"/etc/test/two-lines", "hunter2\n\n"},
            {"/etc/test/binary", "hunter2\xFF"},
            {"/etc/test/ca.pem", testing::make_authority("sample").pem()},
            {"/etc/test/cut.pem", "-----BEGIN CERT-"},
        };
        if (path == "/etc/test/denied")
            return {{}, std::make_error_code(std::errc::permission_denied)};
        const auto found = files.find(path);
        if (found == files.end())
            return {{}, std::make_error_code(std::errc::no_such_file_or_directory)};
        return {found->second, {}};
    };
    return sample;
}

std::string read_sample_file(const std::string& name) {
    const lookup sample = sample_lookup();
    return sample.read_file(sample.directory + "/" + name).content;
}

std::string read_sample(const std::string& path) {
    file_outcome read = read_file(path);
    EXPECT_FALSE(read.error) << path << ": " << read.error.message();
    return read.content;
}

} // namespace replmond::config
