// Specs: "heun:churn=40,s_noise=1.003".
#include "lib/base/params.hpp"

#include "lib/base/error.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

/// What a spec gives for "a" as text.
std::string text_of(const std::string& spec) { return Params(spec).text("a", "none"); }

using Specs = std::vector<std::string>;

}  // namespace

TEST_CASE("a spec is a name, or a name and its parameters", "[params]") {
  Params params("heun:churn=40,s_noise=1.003");
  CHECK(params.name() == "heun");
  CHECK(params.has("churn"));
  CHECK(params.given("churn") == "40");
  CHECK(params.number("s_noise", 1) == 1.003);
  CHECK(params.integer("churn", 0) == 40);
  CHECK_FALSE(params.has("churn"));  // it was taken
  CHECK(params.given("churn").empty());
  CHECK_NOTHROW(params.finish());
  CHECK(Params("heun").name() == "heun");
  CHECK_NOTHROW(Params("heun").finish());
  CHECK(Params("a:path=x:y").text("path", "") == "x:y");  // the first colon ends the name
  CHECK(Params("a:sum=1=1").text("sum", "") == "1=1");    // the first equals sign ends the key
  CHECK(text_of("n:a=") == "");
}

TEST_CASE("what is not given takes its fallback, and what was taken is remembered", "[params]") {
  Params params("x:n=2.5");
  CHECK(params.number("n", 1) == 2.5);
  CHECK(params.integer("count", 7) == 7);
  CHECK(params.text("file", "a b") == "a b");
  CHECK(params.choice("kind", {"first", "second"}) == "first");
  const std::vector<std::pair<std::string, Params::Value>> expected = {
      {"n", 2.5}, {"count", std::int64_t(7)}, {"file", std::string("a b")}, {"kind", "first"}};
  CHECK(params.resolved() == expected);
}

TEST_CASE("values in quotes hold commas, quotes and backslashes", "[params]") {
  CHECK(text_of(R"(n:a="x,y")") == "x,y");
  CHECK(text_of(R"(n:a="say \"no\"")") == R"(say "no")");
  CHECK(text_of(R"(n:a="back\\slash")") == R"(back\slash)");
  CHECK(text_of(R"(n:a="\n")") == "n");  // a backslash takes the next character as it is
  CHECK(text_of(R"(n:a="")") == "");
  CHECK(text_of(R"(n:b="p=1,q",a=2)") == "2");
  CHECK(text_of(R"(n:a=x"y")") == R"(x"y")");  // quotes count at the beginning
  CHECK_THROWS_WITH(Params(R"(n:a="x)"), "n: a quoted value does not end");
  CHECK_THROWS_WITH(Params(R"(n:a="x\")"), "n: a quoted value does not end");
  CHECK_THROWS_WITH(Params(R"(n:a="x"y)"), "n: expected ',' after the closing quote, got 'y'");
}

TEST_CASE("a spec that is not well formed is refused", "[params]") {
  CHECK_THROWS_WITH(Params("n:"), "n: expected key=value, got ''");
  CHECK_THROWS_WITH(Params("n:a"), "n: expected key=value, got 'a'");
  CHECK_THROWS_WITH(Params("n:a,b=1"), "n: expected key=value, got 'a'");
  CHECK_THROWS_WITH(Params("n:=1"), "n: expected key=value, got '=1'");
  CHECK_THROWS_WITH(Params("n:a=1,"), "n: expected key=value, got ''");
  CHECK_THROWS_WITH(Params("n:a=1,,b=2"), "n: expected key=value, got ''");
  CHECK_THROWS_WITH(Params("n:a=1,a=2"), "n: parameter 'a' is given twice");
}

TEST_CASE("parameters without a colon before them are told of it", "[params]") {
  CHECK_THROWS_WITH(Params("n,a=1,b=2"), "n,a=1,b=2: parameters follow a colon, as in n:a=1,b=2");
  CHECK_THROWS_WITH(Params("n=1"), "n=1: parameters follow a colon, NAME:key=value");
  CHECK_THROWS_WITH(Params("n=1,2"), "n=1,2: parameters follow a colon, NAME:key=value");
  CHECK(Params("10,15").name() == "10,15");
}

TEST_CASE("a number may be missing, and then there is a word for it", "[params]") {
  Params params("n:a=2");
  CHECK(params.number_if_given("a", "(its own)") == 2.0);
  CHECK(params.number_if_given("b", "(its own)") == std::nullopt);
  CHECK(params.resolved() == ResolvedParams{{"a", 2.0}, {"b", "(its own)"}});
}

TEST_CASE("values of the wrong kind are refused by parameter", "[params]") {
  CHECK_THROWS_WITH(Params("n:a=x").number("a", 0), "n: a needs a number, got 'x'");
  CHECK_THROWS_WITH(Params("n:a=").number("a", 0), "n: a needs a number, got ''");
  CHECK_THROWS_WITH(Params("n:a=1.5").integer("a", 0), "n: a needs a whole number, got '1.5'");
  CHECK_THROWS_WITH(Params("n:a=c").choice("a", {"b", "d"}), "n: a needs one of b, d, got 'c'");
  CHECK(Params("n:a=d").choice("a", {"b", "d"}) == "d");
  CHECK(Params("n:a=Two_Words").choice("a", {"b", "two-words"}) == "two-words");
  CHECK_THROWS_WITH(Params("n").refuse("a", "must be positive, got -1"),
                    "n: a must be positive, got -1");
}

TEST_CASE("parameters that nobody takes are refused, with those that there are", "[params]") {
  Params params("n:a=1,typo=2");
  params.number("a", 0);
  params.text("b", "");
  CHECK_THROWS_WITH(params.finish(), "n: no parameter 'typo' (has: a, b)");
  CHECK_THROWS_WITH(Params("n:typo=2").finish(), "n: no parameter 'typo' (it has none)");
}

TEST_CASE("parameters are known once they are asked for, given or not", "[params]") {
  const std::vector<Parameter> known = asked_of(Params("n"), [](Params& params) {
    if (params.has("a")) params.number("a", 0);
    params.choice("b", {"d", "e"});
    params.file("c", "");
    throw Error("n: needs more");
  });
  REQUIRE(known.size() == 3);
  CHECK(known[0].key == "a");
  CHECK(known[0].choices.empty());
  CHECK_FALSE(known[0].file);
  CHECK(known[1].key == "b");
  CHECK(known[1].choices == std::vector<std::string>{"d", "e"});
  CHECK(known[2].key == "c");
  CHECK(known[2].file);
}

TEST_CASE("a refusal lists parameters that were only looked for", "[params]") {
  Params params("n:typo=2");
  CHECK_FALSE(params.has("a"));
  params.number("b", 0);
  params.number("b", 0);
  CHECK_THROWS_WITH(params.finish(), "n: no parameter 'typo' (has: a, b)");
}

TEST_CASE("commas part specs, and the parameters of one spec", "[params]") {
  CHECK(split_specs("frechet") == Specs{"frechet"});
  CHECK(split_specs("frechet,kid:subsets=50,size=500,cmmd") ==
        Specs{"frechet", "kid:subsets=50,size=500", "cmmd"});
  CHECK(split_specs("a:p=1,b:q=2,r=3") == Specs{"a:p=1", "b:q=2,r=3"});
  CHECK(split_specs("a:p=x:y,q=u:v,b") == Specs{"a:p=x:y,q=u:v", "b"});
  CHECK(split_specs("p=1,q=2") == Specs{"p=1,q=2"});  // nothing before it to go on with
  CHECK(split_specs("a,,b") == Specs{"a", "", "b"});
}

TEST_CASE("commas in quotes part nothing", "[params]") {
  CHECK(split_specs(R"(a:p="x,y",q=1,b)") == Specs{R"(a:p="x,y",q=1)", "b"});
  CHECK(split_specs(R"(a:p="x\",y",b)") == Specs{R"(a:p="x\",y")", "b"});
  CHECK(split_specs(R"(a:p="x,b:q=1")") == Specs{R"(a:p="x,b:q=1")"});
  for (const std::string& spec : split_specs(R"(a:p="x,y",b:q="u,v")"))
    CHECK(Params(spec).name().size() == 1);
}
