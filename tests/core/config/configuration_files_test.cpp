// The files that are made from the tables of keys. REPLMOND_UPDATE=1 writes them anew.
#include "daemon/core/config/load.hpp"
#include "tests/core/config/configuration_page.hpp"
#include "tests/core/config/configuration_schema.hpp"
#include "tests/core/config/samples.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>

namespace replmond::config {
namespace {

void expect_file(const std::string& name, const std::string& text) {
    const std::string path = REPLMOND_SOURCE_DIR "/" + name;
    if (std::getenv("REPLMOND_UPDATE") != nullptr)
        std::ofstream(path) << text;
    EXPECT_EQ(read_sample(path), text) << "run this test with REPLMOND_UPDATE=1, then read the difference";
}

TEST(ConfigurationFiles, ThePageIsUpToDate) {
    expect_file("docs/configuration.md", configuration_page(page_language::english));
}

TEST(ConfigurationFiles, TheChinesePageIsUpToDate) {
    expect_file("docs/zh-CN/configuration.md", configuration_page(page_language::chinese));
}

TEST(ConfigurationFiles, TheSchemaIsUpToDate) {
    expect_file("config/replmond.schema.json", configuration_schema());
}

TEST(ConfigurationFiles, TheExamplesAreValid) {
    lookup everywhere = sample_lookup();
    everywhere.read_file = [](const std::string&) { return file_outcome{"text", {}}; };
    for (const auto language : {page_language::english, page_language::chinese})
        EXPECT_THAT(messages(load_text(configuration_example(language), "example", everywhere)),
                    testing::IsEmpty());
}

} // namespace
} // namespace replmond::config
