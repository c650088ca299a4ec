#include "tools/cli/list.hpp"

#include "tests/support/catch.hpp"

using namespace diffusion;
using namespace diffusion::cli;

namespace {

const std::vector<Registry> registries = {
    {"loss weights",
     "--weight NAME",
     {{.name = "p2",
       .summary = "a weight",
       .reference = "Nobody 2020",
       .parameters =
           [] {
             return std::vector<Parameter>{
                 {"k", 1.0}, {"n", std::int64_t(2)}, {"of", "x"}, {.key = "end"}};
           }},
      {.name = "plain", .parameters = [] { return std::vector<Parameter>(); }}}},
    {"columns", "--columns NAME,...", {{.name = "t", .summary = "step"}}}};

}  // namespace

TEST_CASE("a list names each row, its parameters and its source", "[cli]") {
  CHECK(list_as_text(registries) ==
        "loss weights (--weight NAME)\n"
        "  p2\n    a weight\n    k=1 n=2 of=x end=\n    Nobody 2020\n"
        "  plain\n"
        "columns (--columns NAME,...)\n"
        "  t\n    step\n");
}

TEST_CASE("a list in JSON has the same shape for every registry", "[cli]") {
  CHECK(list_as_json(registries) == Json::parse(R"({
    "loss_weights": [{"name": "p2", "summary": "a weight", "params": {"k": 1.0, "n": 2, "of": "x", "end": null},
                      "reference": "Nobody 2020"},
                     {"name": "plain", "summary": "", "params": {}}],
    "columns": [{"name": "t", "summary": "step"}]})"));
}

TEST_CASE("registries that several flags take names of are listed once", "[cli]") {
  CLI::App app;
  const Values grids{.choices = {{.name = "karras"}}, .title = "grids", .with_parameters = true};
  std::vector<Row> rows;
  for (const char* name : {"--grid", "--other"})
    rows.push_back({.flag = {.names = name, .value = "SPEC", .values = grids},
                    .command = &app,
                    .option = app.add_option(name)});
  const auto listed = registries_of(rows);
  REQUIRE(listed.size() == 1);
  CHECK(listed[0].title == "grids");
  CHECK(listed[0].usage == "--grid NAME[:key=value,...]");
}
