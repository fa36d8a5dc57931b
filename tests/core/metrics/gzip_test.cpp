#include "daemon/core/metrics/gzip.hpp"
#include "tests/support/pieces.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <random>
#include <string>
#include <vector>

namespace replmond::metrics {
namespace {

using test::joined;

std::string unpacked(const std::string& member, std::size_t size) {
    std::string text(size + 1, '\0');
    z_stream stream{};
    EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(member.data()));
    stream.avail_in = static_cast<uInt>(member.size());
    stream.next_out = reinterpret_cast<Bytef*>(text.data());
    stream.avail_out = static_cast<uInt>(text.size());
    EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END); // its checksum and length are right, too
    EXPECT_EQ(stream.avail_in, 0u) << "one member, nothing behind it";
    text.resize(stream.total_out);
    inflateEnd(&stream);
    return text;
}

text_chunk lasting(std::string text) {
    return {std::make_shared<const std::string>(std::move(text)), new_version()};
}

std::string samples(std::size_t bytes, int first = 0) {
    std::string text;
    while (text.size() < bytes)
        text += "series{n=\"" + std::to_string(first++) + "\"} 1\n";
    return text;
}

void expect_packed(gzip_packer& packer, const text_chunks& pieces) {
    const std::string text = joined(pieces);
    const http::buffer_chain packed = test::pack(packer, pieces);
    EXPECT_EQ(packed.joined().size(), packed.size);
    EXPECT_EQ(unpacked(packed.joined(), text.size()), text);
}

// Others run between two of its steps, so each packs a segment at most.
TEST(Gzip, StepByStepItIsTheSame) {
    text_chunks pieces;
    for (int i = 0; i < 20; ++i)
        pieces.push_back(lasting(samples(100'000, i * 100'000)));
    gzip_packer at_once;
    gzip_packer packer;
    gzip_packer::packing bit_by_bit(packer, pieces);
    std::uint64_t before = 0;
    int steps = 1;
    for (; !bit_by_bit.step(); ++steps) {
        EXPECT_LE(packer.deflated() - before, 200'000u);
        before = packer.deflated();
    }
    EXPECT_GE(steps, 10);
    EXPECT_EQ(bit_by_bit.take().joined(), test::pack(at_once, pieces).joined());
    gzip_packer::packing again(packer, pieces);
    EXPECT_TRUE(again.step()); // what is packed already costs nothing
    EXPECT_EQ(again.take().joined(), test::pack(at_once, pieces).joined());
}

TEST(Gzip, UnpacksToTheSame) {
    gzip_packer packer;
    expect_packed(packer, {});
    expect_packed(packer, {unversioned_chunk("")});
    expect_packed(packer, {unversioned_chunk("x")});
    expect_packed(packer,
                  {lasting("a"), unversioned_chunk(""), lasting(samples(1'000'000)), unversioned_chunk("z")});
}

TEST(Gzip, PacksAgainWhatHasChangedOnly) {
    gzip_packer packer;
    text_chunks pieces;
    for (int i = 0; i < 10; ++i)
        pieces.push_back(lasting(samples(100'000, i * 10'000)));
    pieces.push_back(unversioned_chunk("always different"));
    expect_packed(packer, pieces);
    const auto all = packer.deflated();
    EXPECT_EQ(all, joined(pieces).size());

    expect_packed(packer, pieces);
    EXPECT_EQ(packer.deflated() - all, pieces.back().text->size());

    const auto before = packer.deflated();
    pieces[4] = lasting(samples(100'100, 77));
    expect_packed(packer, pieces);
    EXPECT_EQ(packer.deflated() - before, pieces[4].text->size() + pieces.back().text->size());
}

TEST(Gzip, KeepsWhatIsBesideSomethingThatAlwaysChanges) {
    gzip_packer packer;
    text_chunks pieces{lasting(samples(10'000)), unversioned_chunk("always different")};
    expect_packed(packer, pieces);
    const auto all = packer.deflated();
    expect_packed(packer, pieces);
    EXPECT_EQ(packer.deflated() - all, pieces.back().text->size());
}

TEST(Gzip, TakesNothingForTheSameThatIsNot) {
    gzip_packer packer;
    text_chunks pieces{lasting("a\n"), lasting("b\n"), lasting(samples(90'000))};
    expect_packed(packer, pieces);
    pieces[1] = lasting("c\n"); // the segment begins as before
    expect_packed(packer, pieces);
    pieces.erase(pieces.begin());
    expect_packed(packer, pieces);
    pieces.insert(pieces.begin(), lasting("a\n"));
    expect_packed(packer, pieces);
}

TEST(Gzip, WhateverChangesItUnpacksToTheSame) {
    for (unsigned seed = 0; seed < 20; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937 jitter(seed);
        const auto below = [&](std::size_t n) { return jitter() % n; };
        gzip_packer packer;
        text_chunks pieces;
        for (int turn = 0; turn < 30; ++turn) {
            const std::size_t at = pieces.empty() ? 0 : below(pieces.size());
            const auto place = pieces.begin() + static_cast<std::ptrdiff_t>(at);
            const std::size_t sizes[] = {0, 10, 500, 40'000, 120'000};
            const auto fresh = lasting(samples(sizes[below(5)], turn * 1000));
            if (pieces.empty() || below(3) == 0)
                pieces.insert(place, fresh);
            else if (below(3) == 0)
                pieces.erase(place);
            else
                *place = fresh;
            expect_packed(packer, pieces);
        }
    }
}

// What is cut into pieces is larger, by the codes of each and what it cannot refer to.
TEST(Gzip, IsNotMuchLargerThanInOneGo) {
    text_chunks pieces;
    for (int i = 0; i < 20; ++i) {
        pieces.push_back(lasting("# HELP family_" + std::to_string(i) + " What it says.\n"));
        for (int part = 0; part < i % 4; ++part)
            pieces.push_back(lasting(samples(70'000 + static_cast<std::size_t>(i) * 1000, part * 100'000)));
    }
    const std::string text = joined(pieces);
    uLongf size = compressBound(static_cast<uLong>(text.size()));
    std::string whole(size, '\0');
    ASSERT_EQ(compress2(reinterpret_cast<Bytef*>(whole.data()), &size,
                        reinterpret_cast<const Bytef*>(text.data()), static_cast<uLong>(text.size()), 1),
              Z_OK);
    gzip_packer packer;
    EXPECT_LT(test::pack(packer, pieces).size, size * 12 / 10);
}

// How much is deflated again where the last of chunks of these sizes has changed.
std::uint64_t deflated_with_the_last(const std::vector<std::size_t>& sizes) {
    gzip_packer packer;
    text_chunks pieces;
    for (const std::size_t size : sizes)
        pieces.push_back(lasting(std::string(size, 'x')));
    expect_packed(packer, pieces);
    const auto before = packer.deflated();
    pieces.back() = lasting(std::string(sizes.back(), 'y'));
    expect_packed(packer, pieces);
    return packer.deflated() - before;
}

TEST(Gzip, ASegmentOf48KiBTakesNoMoreChunks) {
    EXPECT_EQ(deflated_with_the_last({49'151, 10}), 49'161u);
    EXPECT_EQ(deflated_with_the_last({49'152, 10}), 10u);
}

TEST(Gzip, ASegmentOfSeveralChunksHasAtMost192KiB) {
    EXPECT_EQ(deflated_with_the_last({49'151, 147'457}), 196'608u);
    EXPECT_EQ(deflated_with_the_last({49'151, 147'458}), 147'458u);
}

TEST(Gzip, ASegmentIsWorthKeepingFrom8KiBOn) {
    const auto deflated_again = [](std::size_t lasts) {
        gzip_packer packer;
        const text_chunks pieces{lasting(std::string(lasts, 'x')), unversioned_chunk("always different")};
        expect_packed(packer, pieces);
        const auto before = packer.deflated();
        expect_packed(packer, pieces);
        return packer.deflated() - before;
    };
    EXPECT_EQ(deflated_again(8'191), 8'191u + 16);
    EXPECT_EQ(deflated_again(8'192), 16u);
}

} // namespace
} // namespace replmond::metrics
