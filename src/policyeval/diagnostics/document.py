"""The document as JSON: PE00xx."""

from __future__ import annotations

from policyeval.diagnostics.page import ERROR, WARNING, diagnostic

PAGE = (
    diagnostic(
        "PE0001",
        ERROR,
        "document too large",
        "The largest policy that AWS takes has 32,768 characters; documents of more than 16 "
        "MiB are not read at all. Most often the file is something else, such as an account "
        "export or a log.",
        rules="R-LANG-10",
    ),
    diagnostic(
        "PE0002",
        WARNING,
        "byte order mark",
        "The file starts with U+FEFF, which some Windows programs write. AWS refuses such a "
        "document; policyeval skips the mark and reads on.",
        rules="R-LANG-10",
    ),
    diagnostic(
        "PE0003",
        ERROR,
        "document in UTF-16",
        "The bytes are UTF-16, which is what PowerShell's `>` writes. JSON is exchanged as "
        "UTF-8. Save the file as UTF-8 without a byte order mark.",
        rules="R-LANG-10",
    ),
    diagnostic(
        "PE0004",
        ERROR,
        "bytes that are not UTF-8",
        "A byte of the file belongs to no UTF-8 character, most often since an editor saved "
        "it in a national encoding. Save the file as UTF-8.",
        rules="R-LANG-10",
    ),
    diagnostic(
        "PE0005",
        ERROR,
        "empty document",
        "The text has no characters but white space. A policy is a JSON object.",
        right='{"Version": "2012-10-17", "Statement": []}',
        rules="R-LANG-01",
    ),
    diagnostic(
        "PE0006",
        ERROR,
        "not JSON",
        "The text is no JSON: at the place shown something else must stand, and the message says what.",
        wrong='{Version: "2012-10-17"}',
        right='{"Version": "2012-10-17"}',
        rules="R-LANG-10",
    ),
    diagnostic(
        "PE0007",
        ERROR,
        "typographic quotation marks",
        "Word processors, wikis and chat programs replace straight quotation marks by curly "
        "ones. JSON knows only the straight one.",
        wrong="{\u201cEffect\u201d: \u201cAllow\u201d}",
        right='{"Effect": "Allow"}',
        rules="R-LANG-10",
    ),
    diagnostic(
        "PE0008",
        ERROR,
        "single quotes",
        "Strings and names in JSON stand in double quotes. Single quotes come from Python, "
        "or from a shell that took the double quotes away.",
        wrong="{'Effect': 'Allow'}",
        right='{"Effect": "Allow"}',
        rules="R-LANG-10",
    ),
    diagnostic(
        "PE0009",
        ERROR,
        "comma before a closing bracket",
        "JSON has commas between entries and none after the last one. AWS refuses the document.",
        wrong='["s3:GetObject", "s3:PutObject",]',
        right='["s3:GetObject", "s3:PutObject"]',
        rules="R-LANG-10",
    ),
    diagnostic(
        "PE0010",
        ERROR,
        "comment",
        "JSON has no comments, and AWS refuses a policy that has one. A `Sid` can say what a "
        "statement is for.",
        wrong='"Effect": "Allow" // for the CI',
        right='"Sid": "ForTheCI", "Effect": "Allow"',
        rules="R-LANG-10",
    ),
    diagnostic(
        "PE0011",
        ERROR,
        "missing comma",
        "Two entries of a list or object stand next to each other without a comma. The place "
        "shown is the end of the first.",
        wrong='"Effect": "Allow" "Action": "s3:*"',
        right='"Effect": "Allow", "Action": "s3:*"',
        rules="R-LANG-10",
    ),
    diagnostic(
        "PE0012",
        ERROR,
        "NaN or Infinity",
        "Python and JavaScript write these where a number is expected, but they are not JSON.",
        wrong='{"NumericLessThan": {"s3:max-keys": NaN}}',
        right='{"NumericLessThan": {"s3:max-keys": "10"}}',
        rules="R-LANG-10",
    ),
    diagnostic(
        "PE0013",
        ERROR,
        "nested too deep",
        "The document nests more than 100 levels of lists and objects. A policy needs six. "
        "Such a document is broken or hostile, and it is not read further.",
        rules="R-LANG-10",
    ),
    diagnostic(
        "PE0014",
        ERROR,
        "half a surrogate pair",
        "Characters outside the basic plane are written as a pair of escapes. One half alone "
        "is no character and cannot be sent to AWS.",
        wrong='"\\ud83d"',
        right='"\\ud83d\\ude00"',
        rules="R-LANG-10",
    ),
    diagnostic(
        "PE0015",
        WARNING,
        "character that IAM documents may not have",
        "IAM accepts tab, line feed, carriage return and U+0020 to U+00FF in a document. "
        "Other characters, such as the dash or the blank that a word processor inserts, make "
        "AWS refuse it or match nothing.",
        rules="R-LANG-10",
    ),
    diagnostic(
        "PE0016",
        ERROR,
        "repeated key",
        "One object has the same key twice. Most readers keep the last one in silence, so "
        "half of what is written would have no effect; AWS refuses the document. Put both "
        "values into one list.",
        wrong='{"Action": "s3:GetObject", "Action": "s3:PutObject"}',
        right='{"Action": ["s3:GetObject", "s3:PutObject"]}',
        rules="R-LANG-02",
    ),
    diagnostic(
        "PE0017",
        ERROR,
        "text after the document",
        "The JSON value is complete, but more text follows: a bracket too many, a second "
        "document, or the output of another command.",
        wrong="{} {}",
        right="[{}, {}]",
        rules="R-LANG-10",
    ),
    diagnostic(
        "PE0018",
        ERROR,
        "document ends too early",
        "The text ends inside a list, object or string. A closing bracket is missing, or the "
        "text was cut off when it was copied.",
        wrong='{"Statement": [',
        right='{"Statement": []}',
        rules="R-LANG-10",
    ),
    diagnostic(
        "PE0019",
        ERROR,
        "string not closed",
        "A string has a line break or another control character in it, or is not closed at "
        "all. Line breaks inside strings are written as an escape.",
        wrong='"Sid": "Read',
        right='"Sid": "Read"',
        rules="R-LANG-10",
    ),
    diagnostic(
        "PE0020",
        ERROR,
        "unknown escape",
        "After a backslash JSON knows only the escapes of double quote, backslash, slash, b, "
        "f, n, r, t, and u with four hexadecimal digits.",
        wrong='"a\\.b"',
        right='"a\\\\.b"',
        rules="R-LANG-10",
    ),
    diagnostic(
        "PE0021",
        ERROR,
        "URL-encoded document",
        "The IAM API gives policy documents URL-encoded, and the text was kept that way. "
        "Decode it before it is used.",
        wrong="%7B%22Version%22...",
        right='{"Version": ...',
        rules="R-LANG-10",
    ),
)
