#include "daemon/core/config/load.hpp"
#include "tests/core/config/samples.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

namespace replmond::config {
namespace {

namespace fs = std::filesystem;

const fs::path bad_files = REPLMOND_SOURCE_DIR "/tests/data/config/bad";

std::set<fs::path> files_with(const fs::path& extension) {
    std::set<fs::path> found;
    for (const auto& entry : fs::directory_iterator(bad_files)) {
        if (entry.path().extension() == extension)
            found.insert(entry.path());
    }
    return found;
}

std::string printed(const load_outcome& outcome) {
    std::string text;
    for (const std::string& line : messages(outcome))
        text += line + '\n';
    return text;
}

load_outcome load_bad(const fs::path& path) {
    return load_text(read_sample(path), path.filename(), sample_lookup());
}

TEST(ConfigBad, EachFileGivesItsMessages) {
    const auto files = files_with(".yaml");
    ASSERT_FALSE(files.empty());
    for (fs::path path : files) {
        SCOPED_TRACE(path.filename());
        const load_outcome outcome = load_bad(path);
        EXPECT_FALSE(outcome.loaded);
        EXPECT_FALSE(outcome.problems.empty());

        path.replace_extension(".expected");
        ASSERT_TRUE(fs::exists(path)) << "write it; the file gives\n" << printed(outcome);
        EXPECT_EQ(printed(outcome), read_sample(path));
    }
}

TEST(ConfigBad, EachExpectationHasItsFile) {
    for (fs::path path : files_with(".expected"))
        EXPECT_TRUE(fs::exists(path.replace_extension(".yaml"))) << path;
}

// Every secret in these files, and in the files and variables that they name, contains "hunter".
TEST(ConfigBad, NoMessageShowsASecret) {
    int with_secret = 0;
    for (const fs::path& path : files_with(".yaml")) {
        const std::string text = read_sample(path);
        with_secret += text.find("hunter") != text.npos ? 1 : 0;
        EXPECT_EQ(printed(load_bad(path)).find("hunter"), std::string::npos) << path;
    }
    EXPECT_GT(with_secret, 20);
}

// Half a file is what an editor leaves behind: whatever is said of it, it must not be a secret.
TEST(ConfigBad, NoMessageShowsASecretOfACutFile) {
    for (const fs::path& path : files_with(".yaml")) {
        const std::string text = read_sample(path);
        for (std::size_t length = 0; length < text.size(); ++length) {
            const load_outcome outcome =
                load_text(std::string_view(text).substr(0, length), "cut", sample_lookup());
            EXPECT_EQ(printed(outcome).find("hunt"), std::string::npos) << path << " cut at " << length;
        }
    }
}

} // namespace
} // namespace replmond::config
