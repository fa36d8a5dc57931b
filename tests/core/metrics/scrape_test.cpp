#include "daemon/core/metrics/scrape.hpp"
#include "tests/support/pieces.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace replmond::metrics {
namespace {

text_chunks two_chunks(format as) {
    return {unversioned_chunk(as == format::open_metrics ? "open 1\n" : "text 1\n"),
            unversioned_chunk("last 2\n")};
}

TEST(Scrape, IsTheTextOfItsFormatInOneStep) {
    for (const auto& [as, text] : {std::pair(format::text, "text 1\nlast 2\n"),
                                   std::pair(format::open_metrics, "open 1\nlast 2\n# EOF\n")}) {
        const auto body = metrics_body({{}, two_chunks}, as, nullptr);
        EXPECT_TRUE(body->step());
        EXPECT_EQ(body->bytes(), 0u); // the text is the page's
        EXPECT_EQ(body->take().joined(), text);
    }
}

TEST(Scrape, IsPreparedBeforeItIsCollected) {
    int left = 3;
    metrics_sources sources;
    sources.refresh = [&left] { return --left == 0; };
    sources.pieces = [&left](format) { return text_chunks{unversioned_chunk(std::to_string(left))}; };
    const auto body = metrics_body(std::move(sources), format::text, nullptr);
    EXPECT_FALSE(body->step());
    EXPECT_FALSE(body->step());
    EXPECT_TRUE(body->step());
    EXPECT_EQ(body->take().joined(), "0");
}

TEST(Scrape, IsPackedInFurtherSteps) {
    gzip_packer packer;
    gzip_packer other;
    const std::string expected = test::pack(other, two_chunks(format::text)).joined();
    const auto body = metrics_body({{}, two_chunks}, format::text, &packer);
    EXPECT_FALSE(body->step());
    EXPECT_EQ(packer.deflated(), 0u);
    EXPECT_TRUE(body->step());
    EXPECT_EQ(body->bytes(), expected.size());
    EXPECT_EQ(body->take().joined(), expected);
}

} // namespace
} // namespace replmond::metrics
