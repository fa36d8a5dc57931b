#include "daemon/core/metrics/sample_chunks.hpp"
#include "tests/support/pieces.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace replmond::metrics {
namespace {

using test::joined;

using slot = sample_chunks::slot;

text_chunks pieces_of(const sample_chunks& chunks) {
    text_chunks pieces;
    chunks.append_to(pieces);
    return pieces;
}

// Instances 0 to count - 1, with so many bytes each.
void fill(sample_chunks& chunks, slot count, std::size_t bytes) {
    for (slot of = 0; of < count; ++of) {
        chunks.insert(of, of == 0 ? std::nullopt : std::optional(of - 1));
        chunks.replace(of, std::string(bytes, static_cast<char>('a' + of % 26)));
    }
}

TEST(SampleChunks, HoldNothingAtFirst) {
    sample_chunks chunks;
    EXPECT_TRUE(pieces_of(chunks).empty());
    chunks.insert(0, std::nullopt);
    EXPECT_TRUE(pieces_of(chunks).empty());
    chunks.replace(0, "x 1\n");
    EXPECT_EQ(joined(pieces_of(chunks)), "x 1\n");
    chunks.erase(0);
    EXPECT_TRUE(pieces_of(chunks).empty());
}

TEST(SampleChunks, KeepTheOrder) {
    sample_chunks chunks;
    chunks.insert(0, std::nullopt);
    chunks.insert(1, 0);
    chunks.insert(2, 0);
    chunks.insert(3, std::nullopt);
    for (const slot of : {0U, 1U, 2U, 3U})
        chunks.replace(of, std::to_string(of));
    EXPECT_EQ(joined(pieces_of(chunks)), "3021");
}

TEST(SampleChunks, ChangeTheVersionOnlyOfWhatChanged) {
    sample_chunks chunks;
    fill(chunks, 100, 10'000);
    const text_chunks before = pieces_of(chunks);
    ASSERT_GT(before.size(), 7U);
    chunks.replace(50, std::string(10'000, static_cast<char>('a' + 50 % 26)));
    for (std::size_t i = 0; i < before.size(); ++i)
        EXPECT_EQ(pieces_of(chunks)[i].version, before[i].version);

    chunks.replace(50, std::string(10'000, '#'));
    const text_chunks after = pieces_of(chunks);
    ASSERT_EQ(after.size(), before.size());
    int changed = 0;
    for (std::size_t i = 0; i < before.size(); ++i)
        changed += after[i].version != before[i].version;
    EXPECT_EQ(changed, 1);
}

TEST(SampleChunks, LeaveAloneWhatSomebodyHolds) {
    sample_chunks chunks;
    fill(chunks, 30, 10'000);
    const text_chunks held = pieces_of(chunks);
    const std::string then = joined(held);
    chunks.replace(3, "changed");
    chunks.erase(20);
    chunks.insert(20, std::nullopt);
    chunks.replace(20, std::string(200'000, '#'));
    EXPECT_EQ(joined(held), then);
    EXPECT_NE(joined(pieces_of(chunks)), then);
}

TEST(SampleChunks, AreOfModerateSize) {
    sample_chunks small;
    fill(small, 3000, 0);
    fill(small, 0, 0);
    for (slot of = 0; of < 3000; ++of)
        small.replace(of, "x\n");
    EXPECT_GE(pieces_of(small).size(), 3U); // by members

    sample_chunks large;
    fill(large, 4, 1'000'000);
    EXPECT_EQ(pieces_of(large).size(), 4U); // one instance is not divided

    sample_chunks many;
    fill(many, 1000, 1000);
    for (const text_chunk& piece : pieces_of(many))
        EXPECT_LE(piece.text->size(), sample_chunks::most_bytes);
    EXPECT_LT(pieces_of(many).size(), 20U);
    for (slot of = 0; of < 1000; ++of)
        if (of % 20 != 0)
            many.erase(of);
    EXPECT_LE(pieces_of(many).size(), 3U); // what is left is joined
}

// Against a list of texts.
TEST(SampleChunks, HoldWhatTheyShould) {
    for (unsigned seed = 0; seed < 10; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937 jitter(seed);
        const auto below = [&](std::size_t n) { return static_cast<std::size_t>(jitter() % n); };
        const std::size_t sizes[] = {0, 5, 100, 3000, 60'000};
        sample_chunks chunks;
        std::vector<std::pair<slot, std::string>> model;
        std::vector<slot> free;
        for (int turn = 0; turn < 3000; ++turn) {
            const std::size_t at = model.empty() ? 0 : below(model.size());
            const std::size_t what = below(turn % 1000 < 600 ? 4 : 12);
            if (model.empty() || what == 0) {
                slot fresh = static_cast<slot>(model.size());
                if (!free.empty()) {
                    fresh = free.back();
                    free.pop_back();
                }
                chunks.insert(fresh, at == 0 ? std::nullopt : std::optional(model[at - 1].first));
                model.insert(model.begin() + static_cast<std::ptrdiff_t>(at), {fresh, ""});
            } else if (what < 4) {
                model[at].second.assign(sizes[below(5)], static_cast<char>('a' + below(26)));
                chunks.replace(model[at].first, model[at].second);
            } else {
                chunks.erase(model[at].first);
                free.push_back(model[at].first);
                model.erase(model.begin() + static_cast<std::ptrdiff_t>(at));
            }
            if (turn % 50 == 0) {
                std::string expected;
                for (const auto& [of, text] : model)
                    expected += text;
                ASSERT_EQ(joined(pieces_of(chunks)), expected) << turn;
            }
        }
    }
}

std::vector<std::size_t> sizes_of(const sample_chunks& chunks) {
    std::vector<std::size_t> sizes;
    for (const text_chunk& piece : pieces_of(chunks))
        sizes.push_back(piece.text->size());
    return sizes;
}

// Instances of these sizes, the last of which is set last.
void fill_with(sample_chunks& chunks, const std::vector<std::size_t>& sizes) {
    for (slot of = 0; of < sizes.size(); ++of)
        chunks.insert(of, of == 0 ? std::nullopt : std::optional(of - 1));
    for (slot of = 0; of < sizes.size(); ++of)
        chunks.replace(of, std::string(sizes[of], 'x'));
}

using sizes = std::vector<std::size_t>;

TEST(SampleChunks, AreDividedAbove128KiB) {
    sample_chunks as_much;
    fill_with(as_much, {65'536, 65'536});
    EXPECT_EQ(sizes_of(as_much), (sizes{131'072}));
    sample_chunks more;
    fill_with(more, {65'536, 65'537});
    EXPECT_EQ(sizes_of(more), (sizes{65'536, 65'537}));
}

TEST(SampleChunks, AreDividedAbove1024Instances) {
    sample_chunks chunks;
    fill(chunks, 1024, 1);
    EXPECT_EQ(sizes_of(chunks), (sizes{1024}));
    chunks.insert(1024, 1023);
    chunks.replace(1024, "x");
    EXPECT_EQ(sizes_of(chunks), (sizes{512, 513}));
}

TEST(SampleChunks, AreDividedByBytesWhereTheyHaveTooMany) {
    sample_chunks chunks;
    fill(chunks, 14, 10'000);
    EXPECT_EQ(sizes_of(chunks), (sizes{70'000, 70'000}));
}

// The text is as long as it may be.
TEST(SampleChunks, AreDividedByInstancesWhereTheyHaveTooManyOfThose) {
    sample_chunks chunks;
    fill(chunks, 1024, 4);
    chunks.replace(1023, std::string(131'072 - 1023 * 4, 'x'));
    EXPECT_EQ(sizes_of(chunks), (sizes{131'072}));
    chunks.insert(1024, 1023);
    EXPECT_EQ(sizes_of(chunks), (sizes{512 * 4, 131'072 - 512 * 4}));
}

TEST(SampleChunks, AHalfThatFitsIsNotDividedOnceMore) {
    sample_chunks before;
    fill_with(before, {0, 65'536, 65'536});
    before.replace(0, std::string(200'000, 'x'));
    EXPECT_EQ(sizes_of(before), (sizes{200'000, 131'072}));
    sample_chunks behind;
    fill_with(behind, {65'536, 65'536, 200'000});
    EXPECT_EQ(sizes_of(behind), (sizes{131'072, 200'000}));
}

TEST(SampleChunks, ALargeInstanceAtTheEndGetsAChunkOfItsOwn) {
    sample_chunks two;
    fill_with(two, {1, 200'000});
    EXPECT_EQ(sizes_of(two), (sizes{1, 200'000}));
    sample_chunks three;
    fill_with(three, {1, 1, 200'000});
    EXPECT_EQ(sizes_of(three), (sizes{2, 200'000}));
}

TEST(SampleChunks, AreJoinedUpTo64KiB) {
    for (const auto& [size, joined_sizes] : {std::pair(std::size_t{32'768}, sizes{65'536}),
                                             std::pair(std::size_t{32'769}, sizes{32'769, 32'768})}) {
        sample_chunks chunks;
        fill_with(chunks, {size, 0, 0, 32'768});
        chunks.replace(2, std::string(200'000, 'x'));
        ASSERT_EQ(sizes_of(chunks), (sizes{size, 200'000, 32'768}));
        chunks.erase(2);
        chunks.erase(1); // it was beside the first
        EXPECT_EQ(sizes_of(chunks), joined_sizes);
    }
}

TEST(SampleChunks, AreJoinedUpTo512Instances) {
    sample_chunks chunks;
    fill(chunks, 1025, 1);
    ASSERT_EQ(sizes_of(chunks), (sizes{512, 513}));
    for (slot of = 512; of < 768; ++of)
        chunks.erase(of);
    for (slot of = 0; of < 256; ++of)
        chunks.erase(of);
    EXPECT_EQ(sizes_of(chunks), (sizes{256, 257}));
    chunks.erase(256);
    EXPECT_EQ(sizes_of(chunks), (sizes{512}));
}

TEST(SampleChunks, EraseTheShortestSamples) {
    sample_chunks chunks;
    fill_with(chunks, {1, 1});
    chunks.replace(0, "#");
    chunks.erase(0);
    EXPECT_EQ(joined(pieces_of(chunks)), "x");
}

TEST(SampleChunks, AnInstanceWithoutSamplesGoesUnnoticed) {
    sample_chunks chunks;
    fill_with(chunks, {1, 0});
    const auto before = pieces_of(chunks).at(0).version;
    chunks.erase(1);
    EXPECT_EQ(pieces_of(chunks).at(0).version, before);
}

// What nobody holds is overwritten, as long as it fits.
TEST(SampleChunks, ATextThatIsMovedHasASixteenthMoreRoom) {
    sample_chunks chunks;
    fill_with(chunks, {1600});
    const auto text_of = [&chunks] { return pieces_of(chunks).at(0).text.get(); };
    EXPECT_EQ(text_of()->capacity(), 1700u);
    const auto* const first = text_of();
    chunks.replace(0, std::string(1700, 'y'));
    EXPECT_EQ(text_of(), first);
    chunks.replace(0, std::string(1600, 'z'));
    EXPECT_EQ(text_of(), first);
    chunks.replace(0, std::string(3200, 'z'));
    EXPECT_EQ(text_of()->capacity(), 3400u);
}

} // namespace
} // namespace replmond::metrics
