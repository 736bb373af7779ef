"""A partner's own statement against the ledger (docs/reconciliation.md).

- `reconcile`: the whole of it, from a request and a file to a result
- `statement/`: the file; which columns, lines, numbers, days and currencies it has
- `ledger`: by what each report's rows are compared, and where they come from
- `passes/`: how rows of both sides are paired, as data with one executor
- `result/`: what became of each row in words, the figures, sheets and summary
- `classes`: what can become of a row
- `texts`: what SQL says of single rows, in the language of the result
"""
