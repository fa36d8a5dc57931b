#include "daemon/store/schema.hpp"
#include "daemon/store/sqlite.hpp"
#include "tests/store/temporary_directory.hpp"

#include <gmock/gmock.h>

#include <array>
#include <fstream>

namespace replmond::store {
namespace {

using ::testing::HasSubstr;
using std::string_literals::operator""s;

connection opened(const std::string& path, access how = access::read_write) {
    auto made = connection::open(path, how);
    EXPECT_TRUE(made) << made.error().text;
    return std::move(made.value());
}

TEST(Sqlite, ValuesComeBackAsTheyWere) {
    const temporary_directory at;
    connection db = opened(at / "a #1?%20.db");
    EXPECT_TRUE(std::filesystem::exists(at / "a #1?%20.db"));
    ASSERT_TRUE(db.run("CREATE TABLE t (a TEXT, b INTEGER, c REAL, d TEXT, e TEXT)"));
    const std::string odd = "a\0b\xFF\n任"s;
    auto insert = db.prepare("INSERT INTO t VALUES (?, ?, ?, ?, ?)");
    ASSERT_TRUE(insert);
    insert->bind(1, odd).bind(2, std::int64_t{-5'000'000'000}).bind(3, 0.1).bind(4, std::string_view());
    ASSERT_TRUE(insert->bind_null(5).run());
    EXPECT_EQ(db.changes(), 1);

    auto query = db.prepare("SELECT * FROM t");
    ASSERT_TRUE(query);
    ASSERT_TRUE(query->step().value());
    EXPECT_EQ(query->text(0), odd);
    EXPECT_EQ(query->integer(1), -5'000'000'000);
    EXPECT_EQ(query->real(2), 0.1);
    EXPECT_EQ(query->text(3), "");
    EXPECT_EQ(query->text(4), std::nullopt);
    EXPECT_EQ(query->integer(4), std::nullopt);
    EXPECT_EQ(query->real(4), std::nullopt);
    EXPECT_FALSE(query->step().value());
}

TEST(Sqlite, AMistakeInABindComesBackFromTheStep) {
    const temporary_directory at;
    connection db = opened(at / "a.db");
    auto query = db.prepare("SELECT ?");
    ASSERT_TRUE(query);
    EXPECT_FALSE(query->bind(2, "x").bind(1, "x").step());
}

TEST(Sqlite, WhatIsNotCommittedIsRolledBack) {
    const temporary_directory at;
    connection db = opened(at / "a.db");
    ASSERT_TRUE(db.run("CREATE TABLE t (a)"));
    {
        auto change = transaction::begin(db);
        ASSERT_TRUE(change);
        ASSERT_TRUE(db.run("INSERT INTO t VALUES (1)"));
    }
    EXPECT_EQ(db.number("SELECT count(*) FROM t").value(), 0);
    {
        auto change = transaction::begin(db);
        ASSERT_TRUE(change);
        ASSERT_TRUE(db.run("INSERT INTO t VALUES (1)"));
        ASSERT_TRUE(change->commit());
    }
    EXPECT_EQ(db.number("SELECT count(*) FROM t").value(), 1);
}

TEST(Sqlite, ErrorsSayWhatKindTheyAre) {
    const temporary_directory at;
    EXPECT_EQ(connection::open(at / "none/a.db", access::read_write).error().kind, trouble::unusable);
    EXPECT_THAT(connection::open(at / "none/a.db", access::read_write).error().text,
                HasSubstr("No such file or directory"));
    EXPECT_EQ(connection::open(at / "none.db", access::read_only).error().kind, trouble::unusable);
    connection db = opened(at / "a.db");
    EXPECT_EQ(db.run("nonsense").error().kind, trouble::corrupt); // no statement of ours is
    EXPECT_FALSE(db.prepare("SELECT * FROM nothing"));
    EXPECT_FALSE(db.number("SELECT * FROM nothing"));

    std::ofstream(at / "b.db") << std::string(4096, 'x');
    connection text = opened(at / "b.db");
    EXPECT_EQ(text.number("SELECT count(*) FROM sqlite_schema").error().kind, trouble::corrupt);
}

TEST(Schema, AnEmptyFileBecomesOurs) {
    const temporary_directory at;
    connection db = opened(at / "a.db");
    EXPECT_EQ(check_schema(db).error().kind, trouble::foreign); // nothing to read yet
    ASSERT_TRUE(migrate(db));
    EXPECT_EQ(db.number("PRAGMA application_id").value(), application_id);
    EXPECT_EQ(db.number("PRAGMA user_version").value(), static_cast<std::int64_t>(schema_steps().size()));
    EXPECT_TRUE(check_schema(db));
    EXPECT_TRUE(migrate(db)); // nothing to do
}

TEST(Schema, OlderFilesAreTakenForwardStepByStep) {
    const temporary_directory at;
    connection db = opened(at / "a.db");
    const std::array<const char*, 1> one = {"CREATE TABLE t (a)"};
    const std::array<const char*, 3> three = {one[0], "ALTER TABLE t ADD b DEFAULT 7",
                                              "UPDATE t SET b = b + 1"};
    ASSERT_TRUE(migrate(db, one));
    ASSERT_TRUE(db.run("INSERT INTO t VALUES (1)"));
    ASSERT_TRUE(migrate(db, three));
    EXPECT_EQ(db.number("PRAGMA user_version").value(), 3);
    EXPECT_EQ(db.number("SELECT b FROM t").value(), 8);
}

TEST(Schema, AStepThatFailsLeavesTheFileAtTheVersionBefore) {
    const temporary_directory at;
    connection db = opened(at / "a.db");
    const std::array<const char*, 2> broken = {"CREATE TABLE t (a)", "CREATE TABLE u (a); nonsense"};
    EXPECT_FALSE(migrate(db, broken));
    EXPECT_EQ(db.number("PRAGMA user_version").value(), 1);
    EXPECT_EQ(db.number("SELECT count(*) FROM sqlite_schema").value(), 1);
}

TEST(Schema, ANewerFileIsRefused) {
    const temporary_directory at;
    connection db = opened(at / "a.db");
    ASSERT_TRUE(migrate(db));
    ASSERT_TRUE(db.run("PRAGMA user_version = 99"));
    EXPECT_EQ(migrate(db).error().kind, trouble::newer);
    EXPECT_THAT(migrate(db).error().text, HasSubstr("schema version 99"));
    EXPECT_EQ(check_schema(db).error().kind, trouble::newer);
}

TEST(Schema, AnotherProgramsFileIsRefused) {
    const temporary_directory at;
    connection db = opened(at / "a.db");
    ASSERT_TRUE(db.run("CREATE TABLE theirs (a)"));
    EXPECT_EQ(migrate(db).error().kind, trouble::foreign);
    ASSERT_TRUE(db.run("PRAGMA application_id = 5; DROP TABLE theirs"));
    EXPECT_EQ(migrate(db).error().kind, trouble::foreign);
    EXPECT_EQ(check_schema(db).error().kind, trouble::foreign);
}

} // namespace
} // namespace replmond::store
